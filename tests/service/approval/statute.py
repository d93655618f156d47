"""A second table of what may be done with a case, written from 行政许可法 29 to 45 and 82.

It knows nothing of the service's own: states and steps by name, who may take each, and what the
law asks beside. Must never be derived from the table that it is held against.
"""

from dataclasses import dataclass, field
from typing import Any, Final

ANYONE: Final = frozenset({"window", "approver"})
WINDOW: Final = frozenset({"window"})
"""Arts. 26, 29, 32, 44: taking in, answering and handing out is the window's."""
APPROVER: Final = frozenset({"approver"})
"""Arts. 34, 37, 42, 45: examining, deciding and everything that moves the limit."""

# state → {step: (who, the state after it, the event)}; "" is a case that does not exist yet.
STATUTE: Final[dict[str, dict[str, tuple[frozenset[str], str, str]]]] = {
    # 29, 32: whoever applies is received.
    "": {"receive": (WINDOW, "received", "received")},
    # 32(1): accept, refuse, or tell what is missing; the applicant may withdraw until the
    # decision. 31, 32(1)(3): what was taken down wrong is put right on the spot.
    "received": {
        "pre-check": (WINDOW, "received", "pre-checked"),
        "request-supplement": (WINDOW, "supplementing", "supplement-requested"),
        "accept": (WINDOW, "accepted", "accepted"),
        "refuse": (WINDOW, "refused", "refused"),
        "withdraw": (WINDOW, "withdrawn", "withdrawn"),
        "correct": (WINDOW, "received", "corrected"),
    },
    # 32(1)(5): with the supplement the application is looked at anew.
    "supplementing": {
        "receive-supplement": (WINDOW, "received", "supplement-received"),
        "refuse": (WINDOW, "refused", "refused"),
        "withdraw": (WINDOW, "withdrawn", "withdrawn"),
        "correct": (WINDOW, "supplementing", "corrected"),
    },
    # 32(2) receipt; 34 examination, in what steps is the office's own affair; 42 decision and
    # extension; 45 pause.
    "accepted": {
        "issue-receipt": (WINDOW, "accepted", "receipt-issued"),
        "pause": (APPROVER, "paused", "paused"),
        "extend": (APPROVER, "accepted", "extended"),
        "decide": (APPROVER, "decided", "decided"),
        "withdraw": (WINDOW, "withdrawn", "withdrawn"),
        "start-step": (ANYONE, "accepted", "step-started"),
        "end-step": (ANYONE, "accepted", "step-ended"),
        "correct": (WINDOW, "accepted", "corrected"),
        "complete-materials": (WINDOW, "accepted", "materials-completed"),
    },
    # 45: while the examination runs nothing is decided.
    "paused": {
        "issue-receipt": (WINDOW, "paused", "receipt-issued"),
        "resume": (APPROVER, "accepted", "resumed"),
        "withdraw": (WINDOW, "withdrawn", "withdrawn"),
        "start-step": (ANYONE, "paused", "step-started"),
        "end-step": (ANYONE, "paused", "step-ended"),
        "correct": (WINDOW, "paused", "corrected"),
        "complete-materials": (WINDOW, "paused", "materials-completed"),
    },
    # 44: delivery; a refusal has nothing to deliver but its letter (38).
    "decided": {
        "issue-receipt": (WINDOW, "decided", "receipt-issued"),
        "deliver": (WINDOW, "delivered", "delivered"),
        "close": (ANYONE, "closed", "closed"),
        "end-step": (ANYONE, "decided", "step-ended"),
    },
    "delivered": {
        "close": (ANYONE, "closed", "closed"),
        "end-step": (ANYONE, "delivered", "step-ended"),
    },
    "refused": {
        "issue-receipt": (WINDOW, "refused", "receipt-issued"),
        "close": (ANYONE, "closed", "closed"),
    },
    "withdrawn": {"close": (ANYONE, "closed", "closed")},
    "closed": {},
}


@dataclass
class Ledger:
    """A case as the statute sees it: where it stands, and what must not happen twice."""

    state: str = "received"
    asked: int = 0
    receipt: bool = False
    extended: bool = False
    licence_waits: bool = False
    online: bool = False
    prechecked: bool = False
    step_runs: bool = False
    taken: list[str] = field(default_factory=list)

    def answer(self, duties: frozenset[str], step: str, body: dict[str, Any]) -> int:
        """What the law answers: 403 not yours, 409 not from here, 422 not so, 200 done."""
        if not any(step in steps and steps[step][0] & duties for steps in STATUTE.values()):
            return 403
        line = STATUTE[self.state].get(step)
        if line is None:
            return 409
        if not line[0] & duties:
            return 403
        if step in {"start-step", "end-step"} and self.step_runs == (step == "start-step"):
            return 409
        if not self._lawful(step, body):
            return 422
        self._take(step, body, line[1])
        return 200

    def _lawful(self, step: str, body: dict[str, Any]) -> bool:
        match step:
            case "request-supplement":
                # 32(1)(4): everything at once; again only where the supplement was defective.
                return self.asked == 0 or bool(body.get("supplement_defective"))
            case "pre-check":
                # By-law of a city, 42(1): of what was sent online, and told once.
                return self.online and not self.prechecked
            case "issue-receipt":
                # 32(2): one receipt, sealed and dated.
                return not self.receipt and bool(body["sealed"] and body["dated"])
            case "extend":
                # 42(1): once, ten days at most, by the head of the office.
                ten = body["extension_length"] <= 10
                return not self.extended and ten and body["approver_level"] == "office_head"
            case "close":
                # 32(2): a refusal is first given in writing. 44: a licence is first delivered.
                # A step that runs on would be told as late for ever (local rule on steps, 6(3)).
                free = self.state == "withdrawn" or not self.step_runs
                answered = self.state != "refused" or self.receipt
                return answered and free and not self.licence_waits
        return True

    def _take(self, step: str, body: dict[str, Any], to: str) -> None:
        self.prechecked |= step == "pre-check"
        self.asked += step == "request-supplement"
        self.receipt |= step == "issue-receipt"
        self.extended |= step == "extend"
        if step == "decide":
            self.licence_waits = body["outcome"] != "refused" and body["delivers_document"]
        elif step == "deliver":
            self.licence_waits = False
        if step in {"start-step", "end-step"}:
            self.step_runs = step == "start-step"
        self.state = to
        self.taken.append(step)
