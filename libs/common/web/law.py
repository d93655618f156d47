"""The law at the edge: which one the application applies, and the answer when it forbids a step.

Must never decide what is lawful: `libs.common.law.lawful` does.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Request
from prometheus_client import Counter

from libs.common.law.fold import Fold
from libs.common.law.lawful import Breach
from libs.common.web.errors import Refused


class LawRefused(Refused):
    """422: a rule forbids the step; names each rule, and the article of the first."""

    zh = "依法不能办理:{reason}"
    en = "The law does not allow this: {reason}"

    def __init__(self, breaches: Sequence[Breach]) -> None:
        first = breaches[0]
        super().__init__(
            errors=[("", {"zh": f"{b.rule} {b.zh}", "en": f"{b.rule} {b.en}"}) for b in breaches],
            law=first.law,
            reason={"zh": first.zh, "en": first.en},
        )


def require_lawful(breaches: Sequence[Breach], action: str, refusals: Counter) -> None:
    """Raise LawRefused where there is a breach; each counts in `refusals` by action and rule."""
    for breach in breaches:
        refusals.labels(action, breach.rule).inc()
    if breaches:
        raise LawRefused(breaches)


async def law_of(request: Request) -> Fold:
    """The law of the application that answers; a coroutine, so that no thread is asked."""
    law: Fold = request.app.state.law
    return law


Law = Annotated[Fold, Depends(law_of)]
