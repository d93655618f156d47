"""One case from the counter to the closed card, by API alone, each step recorded for `docs/api/`.

An application is accepted and left lying; its promised day passes, then the statutory one; the
head answers, the case is decided, and a second person of another office closes the card.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import httpx

from libs.common.codes.resident_id import resident_check_character
from sunlight.city.items import ITEMS
from tests.system.installation import until
from tests.system.quiet_city import ZONE, QuietCity
from tests.system.recorder import SHOWN, Recorder, Title

APPROVAL: Final = "/api/approval/v1"
MONITOR: Final = "/api/monitor/v1"
PUBLIC: Final = "/api/disclosure/v1"
ITEM: Final = next(item for item in ITEMS if item.title == "公共场所卫生许可")
BORN_1900: Final = "11010119000101001"
NAME: Final = "测试甲乙丙"
NUMBER: Final = BORN_1900 + resident_check_character(BORN_1900)
PHONE: Final = "13917384625"
APPLICANT: Final = {"kind": "person", "name": NAME, "number": NUMBER, "phone": PHONE}
CODE_SHOWN: Final = "ABCD2345"
STATEMENT: Final = "现场核查人手不足,已调整排班,本周内办结。"
PROMISE_PASSED: Final = datetime(2026, 3, 17, 9, 30, tzinfo=ZONE)
"""Accepted on Monday 2 March: ten working days promised end on Monday 16 March."""
LIMIT_PASSED: Final = datetime(2026, 3, 31, 9, 30, tzinfo=ZONE)
"""Twenty working days by law end on Monday 30 March; this is the twenty-first."""
PROMISE: Final = "APV-023"
LIMIT: Final = "APV-010"


@dataclass
class Thread:
    """The case being worked on; `answers` are what later tests read, by the step's name."""

    city: QuietCity
    recorder: Recorder
    answers: dict[str, Any] = field(default_factory=dict)
    case_no: str = ""
    code: str = ""
    version: str = "*"

    def lived(self) -> Thread:
        """The whole thread, in order."""
        self.recorder.name(self.city.url, SHOWN)
        self.taken_in()
        self.asked_after()
        self.refused()
        self.traded()
        self.promise_passed()
        self.limit_passed()
        self.answered()
        self.decided()
        self.closed()
        return self

    def told(self, step: str, page: str, title: Title, *rest: Any, **more: Any) -> Any:
        """Send a request as `Recorder.call` does; its JSON is kept under `step`."""
        answer = self.recorder.call(page, title, *rest, **more)
        media = answer.headers.get("content-type", "")
        in_json = bool(answer.content) and media.endswith("json")
        self.answers[step] = answer.json() if in_json else answer
        return self.answers[step]

    def command(self, name: str, title: Title, role: str, body: Any, **more: Any) -> Any:
        """A command on the case, with the version of the answer before."""
        request = f"POST {APPROVAL}/cases/{self.case_no}/{name}"
        shown = self.told(name, "window", title, role, request, body, match=self.version, **more)
        self.version = f'"{shown["version"]}"'
        return shown

    def taken_in(self) -> None:
        """收件, 受理, 受理通知书."""
        body = {"item_code": ITEM.code, "channel": "window", "applicant": APPLICANT}
        title = ("收件", "Take the application in")
        request = f"POST {APPROVAL}/cases"
        note = (
            "事项的种类和时限取自收件当天的事项目录。查询码只在这里出现一次,并印在受理通知书上。",
            "Kind and limits of the item come from the catalogue of the day of receipt. The query "
            "code is told here alone, and printed on the notice of acceptance.",
        )
        case = self.told("receive", "window", title, "clerk", request, body, status=201, note=note)
        self.case_no, self.code = case["case_no"], case["query_code"]
        self.recorder.name(self.code, CODE_SHOWN)
        self.version = '"1"'
        self.command("accept", ("受理", "Accept"), "clerk", {})
        receipt = {"document_no": f"SL-{self.case_no}", "sealed": True, "dated": True}
        self.command("issue-receipt", ("出具受理通知书", "Issue the receipt"), "clerk", receipt)
        paper = f"GET /window/cases/{self.case_no}/receipt"
        title = ("受理通知书(网页)", "The notice of acceptance, as a page")
        self.told("page", "window", title, "clerk", paper)
        title = ("受理通知书(PDF)", "The notice of acceptance, as PDF")
        self.told("pdf", "window", title, "clerk", f"{paper}.pdf")
        title = ("在办件,最早到期的在前", "Cases under way, soonest due first")
        query = {"state": "accepted", "order": "due", "limit": "20"}
        self.told("cases", "window", title, "clerk", f"GET {APPROVAL}/cases", query=query)

    def asked_after(self) -> None:
        """The applicant's question, before and in between."""
        asked = {"case_no": self.case_no, "query_code": self.code}
        title = ("查询进度", "Ask how the case stands")
        request = f"POST {APPROVAL}/progress"
        self.told("progress", "progress", title, "nobody", request, asked)
        title = ("编号和查询码放在请求头里", "With number and code in headers")
        headers = {"Case-Number": self.case_no, "Query-Code": self.code}
        request = f"GET {APPROVAL}/progress"
        self.told("progress-get", "progress", title, "nobody", request, headers=headers)
        title = ("查询码不对", "A wrong code")
        wrong = {"case_no": self.case_no, "query_code": "22222222"}
        note = (
            "编号和查询码哪个不对,不说明。一小时内错十次,该编号停查一小时(429)。",
            "Which of the two is wrong is not told. Ten wrong tries within an hour close the "
            "number for an hour (429).",
        )
        request = f"POST {APPROVAL}/progress"
        self.told(
            "progress-wrong", "progress", title, "nobody", request, wrong, status=404, note=note
        )

    def refused(self) -> None:
        """One refusal of each kind."""
        case, page = f"{APPROVAL}/cases/{self.case_no}", "errors"
        decide = {"outcome": "granted", "delivers_document": True}
        self.told(
            "403",
            page,
            ("403 岗位无权", "403 The post may not"),
            *("clerk", f"POST {case}/decide", decide),
            status=403,
            match=self.version,
        )
        missing = f"GET {APPROVAL}/cases/990100-20260302-99999999"
        title = ("404 没有,或不归本岗位看", "404 Nothing there, or not for this post")
        self.told("404", page, title, "clerk", missing, status=404)
        self.told(
            "409",
            page,
            ("409 与当前状态冲突", "409 The state does not allow it"),
            *("clerk", f"POST {case}/accept", {}),
            status=409,
            match=self.version,
        )
        self.told(
            "412",
            page,
            ("412 版本已更新", "412 Someone has changed it since"),
            *("approver", f"POST {case}/decide", decide),
            status=412,
            match='"1"',
        )
        self.told(
            "422",
            page,
            ("422 内容有误", "422 A value is wrong"),
            *("approver", f"POST {case}/decide", {"outcome": "maybe"}),
            status=422,
            match=self.version,
        )
        self.told(
            "428",
            page,
            ("428 没有 If-Match", "428 If-Match is missing"),
            *("approver", f"POST {case}/decide", decide),
            status=428,
        )
        self._refused_by_law()

    def _refused_by_law(self) -> None:
        told = {
            "extension_length": 15,
            "approver_level": "office_head",
            "told_at": "2026-03-02T09:00:00+08:00",
        }
        self.told(
            "law",
            "errors",
            ("422 依法不能办理", "422 The law does not allow it"),
            *("approver", f"POST {APPROVAL}/cases/{self.case_no}/extend", told),
            status=422,
            match=self.version,
            headers={"Accept-Language": "zh"},
            note=(
                "行政许可法第四十二条:经本机关负责人批准,可以延长十日。",
                "行政许可法 42: with the consent of the office's head, by ten days.",
            ),
        )

    def traded(self) -> None:
        """A tender whose period is too short is refused; one with a lawful period is published."""
        page, request = "trading", "POST /api/trading/v1/tenders"
        plan = {
            "tender_no": "YGZB-2026-0001",
            "kind": "works",
            "mandatory": True,
            "documents_from": "2026-03-02T14:00:00+08:00",
            "documents_until": "2026-03-09T17:00:00+08:00",
            "bid_deadline": "2026-03-16T09:00:00+08:00",
        }
        title = ("投标期限不足二十日:不受理", "Fewer than twenty days to bid: refused")
        self.told("short", page, title, "tenderer", request, plan, status=422)
        plan["bid_deadline"] = "2026-03-24T09:00:00+08:00"
        title = ("发出招标文件", "Issue the tender documents")
        self.told("published", page, title, "tenderer", request, plan, status=201)
        tender = "/api/trading/v1/tenders/YGZB-2026-0001"
        title = ("截止前不能开标", "No opening before the deadline")
        opening = f"POST {tender}/open"
        self.told("early", page, title, "centre", opening, {"bids": 3}, status=422, match='"1"')
        title = ("开标前谁也看不到投标", "Before the opening nobody sees a bid")
        self.told("sealed", page, title, "centre", f"GET {tender}/bids", status=409)
        title = ("一个招标项目", "A tender")
        self.told("tender", page, title, "supervisor", f"GET {tender}")
        until(lambda: self._public("/records"))
        title = ("招标公告的公开记录", "The record of the notice")
        query = {"kind": "tender_notice"}
        self.told("notice", page, title, "nobody", f"GET {PUBLIC}/records", query=query)
        title = ("开放合同数据", "As open contracting data (OCDS)")
        packages = "GET /ocds/tenders/YGZB-2026-0001.json"
        self.told("ocds", page, title, "nobody", packages)

    def promise_passed(self) -> None:
        """The promised day passes: yellow."""
        before = f"GET {PUBLIC}/overdue"
        title = ("各单位超期件数:之前", "Overdue counts by office: before")
        self.told("count-0", "public", title, "nobody", before)
        self.city.live_to(PROMISE_PASSED)
        until(lambda: self._finding(PROMISE))
        title = ("超过承诺时限:黄牌", "The promised day has passed: a yellow card")
        query = {"subject": f"case/{self.case_no}", "severity": "yellow"}
        request = f"GET {MONITOR}/findings"
        self.told("yellow", "monitoring", title, "supervisor", request, query=query)
        until(lambda: self._counted("waiting") == 1)
        title = ("各单位超期件数:一件待答复", "Overdue counts by office: one awaiting the answer")
        note = (
            "`waiting` 超过时限、单位尚未说明、说明期也未满的:未经核实,不计入另外两个数。",
            "`waiting`: past the limit, neither answered for nor out of the time to answer: not "
            "verified, and in neither of the other two numbers.",
        )
        self.told("count-1", "public", title, "nobody", before, note=note)

    def limit_passed(self) -> None:
        """The statutory day passes: red, and told to the head."""
        self.city.live_to(LIMIT_PASSED)
        found = until(lambda: self._finding(LIMIT))
        until(lambda: self._noticed(found["id"]))
        title = ("超过法定时限:红牌", "The statutory day has passed: a red card")
        query = {"subject": f"case/{self.case_no}", "severity": "red"}
        request = f"GET {MONITOR}/findings"
        self.told("red", "monitoring", title, "supervisor", request, query=query)
        title = ("这个日子是怎么算的", "Why this date")
        why = f"GET {MONITOR}/clocks/case/{self.case_no}/{LIMIT}/explanation"
        self.told("why", "monitoring", title, "head", why)
        title = ("负责人的收件箱", "The head's inbox")
        self.told(
            "inbox",
            "monitoring",
            title,
            *("head", f"GET {MONITOR}/notices"),
            query={"new": "true"},
        )
        title = ("签收", "Receive a notice")
        receipt = f"POST {MONITOR}/notices/{found['id']}/red/receipt"
        self.told("receipt", "monitoring", title, "head", receipt, status=204)
        self.told(
            "count-2",
            "public",
            ("之后仍是一件", "Still one matter"),
            "nobody",
            f"GET {PUBLIC}/overdue",
        )

    def answered(self) -> None:
        """The supervisor asks, the head answers; the answer stands beside the public fact."""
        self.handled("assign", "supervisor", ("交办", "Assign"), {"answer_by": "2026-04-03"}, LIMIT)
        answer = {"cause": "department", "statement": STATEMENT}
        note = (
            "`statement` 随该件公开,`note` 不公开。",
            "`statement` is published beside the fact, `note` is not.",
        )
        self.handled("answer", "head", ("说明", "Answer"), answer, LIMIT, note=note)
        self.handled("answer", "head", ("黄牌的说明", "Answer the yellow card"), answer, PROMISE)
        facts = f"GET {PUBLIC}/overdue/facts"
        until(lambda: len(self._public("/overdue/facts")) == 2)
        title = ("单位说明以后:计入一件", "After the answer: the count is one more")
        self.told("count-3", "public", title, "nobody", f"GET {PUBLIC}/overdue")
        title = ("超期情况和本单位的说明", "Overdue facts with the office's answer")
        self.told("facts", "public", title, "nobody", facts)

    def decided(self) -> None:
        """办结: it leaves 'overdue now' and stays in the month's total."""
        body = {"outcome": "granted", "delivers_document": True, "licence_no": "YG-2026-0001"}
        self.command("decide", ("办结", "Decide"), "approver", body)
        until(lambda: self._counted("standing") == 0)
        title = ("办结以后", "After the decision")
        note = (
            "`standing` 现在仍超期的,`occurred` 当月超期过的(办结后仍计),`handled` 当月办结的。",
            "`standing`: overdue now; `occurred`: passed the limit this month, done since or not; "
            "`handled`: decided this month.",
        )
        request = f"GET {PUBLIC}/overdue"
        self.told("count-4", "public", title, "nobody", request, note=note)
        until(lambda: self._public("/records?kind=decision"))
        title = ("许可决定的公开记录", "The record of the decision")
        query = {"kind": "decision"}
        self.told("records", "public", title, "nobody", f"GET {PUBLIC}/records", query=query)
        self.command("deliver", ("送达", "Deliver"), "clerk", {})
        self.command("close", ("归档", "Close the file"), "clerk", {})

    def closed(self) -> None:
        """整改, 核验, 销号."""
        done = {"note": "已补充核查人员,逐件倒排。"}
        self.handled("correct", "head", ("整改", "Set right"), done, LIMIT)
        found = self._finding(LIMIT)
        self.told(
            "own",
            "monitoring",
            ("本单位不能核验自己", "Nobody verifies their own office"),
            *("head", f"POST {MONITOR}/findings/{found['id']}/verify", {}),
            status=403,
            match=f'"{found["version"]}"',
        )
        self.handled(
            "verify", "verifier", ("另一单位核验", "Verify, from another office"), {}, LIMIT
        )
        self.handled("close", "verifier", ("对账销号", "Close"), {}, LIMIT, step="close-card")
        title = ("红牌的全部经过", "The red card's whole history")
        request = f"GET {MONITOR}/findings/{found['id']}"
        self.told("history", "monitoring", title, "auditor", request)

    def handled(
        self,
        action: str,
        role: str,
        title: Title,
        body: Any,
        rule: str,
        *,
        step: str = "",
        note: Title | None = None,
    ) -> None:
        """A step of the handling of the rule's card."""
        found = self._finding(rule)
        request = f"POST {MONITOR}/findings/{found['id']}/{action}"
        match = f'"{found["version"]}"'
        name = step or f"{action}-{rule}"
        self.told(name, "monitoring", title, role, request, body, match=match, note=note)

    def _finding(self, rule: str) -> Any:
        query = {"subject": f"case/{self.case_no}", "rule": rule}
        found = self._get("supervisor", f"{MONITOR}/findings", query)["items"]
        return found[0] if found else None

    def _noticed(self, finding: str) -> bool:
        items = self._get("head", f"{MONITOR}/notices", {"new": "true"})["items"]
        return any(one["finding"] == finding for one in items)

    def _public(self, path: str) -> list[Any]:
        return list(self._get("nobody", PUBLIC + path, {})["items"])

    def _counted(self, number: str) -> int:
        return sum(one[number] for one in self._public("/overdue"))

    def _get(self, role: str, path: str, query: dict[str, str]) -> Any:
        answer: httpx.Response = self.city.client(role).get(path, params=query)
        return answer.raise_for_status().json()
