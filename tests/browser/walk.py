"""The way of one case through the demonstration, as each role clicks it; what is read is noted.

A step that is not shown in time fails where it stands. What the words should be the tests say.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from playwright.sync_api import Locator, Page, expect

from sunlight.city.items import ITEMS
from sunlight.city.offices import DEMO_APPROVAL, OFFICES
from tests.browser.visitor import PATIENCE, QUERY_CODE, Visitor, fill, words

ITEM: Final = next(item for item in ITEMS if item.title == "公共场所卫生许可")
OFFICE: Final = OFFICES["permit"].name
APPLICANT: Final = "演示申请人甲"
STATEMENT: Final = "现场核查人手不足,已调整排班,本周内办结。"
PROMISE: Final = "承诺时限"
LIMIT: Final = "二十日内作出许可决定"
STORIES: Final = {
    "an overdue permit": (
        "阳光市行政审批服务局，办件 990100-[0-9-]+：“二十日内作出许可决定”2026-04-13 周一 到期，"
        "已超期，尚未完成。"
    ),
    "licences without a case": (
        "阳光市生态环境局，e-licence/YGHW-2026-[0-9]+：已经发证，大厅里没有找到准予它的办件，待核实。"
    ),
    "a publicity cut short": (
        "明山县建设投资中心，hill-tenders/MS-2026-[0-9]+：“候选人公示期不少于三日”，少 1 日。"
    ),
    "bids of one making": (
        "阳光市交通运输局，招标项目 YGZB-[0-9]+-02：3 份投标的文件创建标识相同（[^）]+），待核实。"
    ),
}
"""The planted stories, each as the sentence that tells it on the dashboard (regular expression)."""


def told(page: Page, sentence: str) -> Locator:
    """Where the dashboard tells a finding by a sentence like this."""
    return page.locator("#newest").get_by_text(re.compile(sentence))


@dataclass(frozen=True, slots=True)
class Counted:
    """What the public reads of the office, and what the monitor knows: the overdue matters."""

    standing: int
    waiting: int
    occurred: int
    row: str
    facts: str
    matters: frozenset[str]


@dataclass
class Walk:
    """The case, and what was read where: station → text."""

    staff: Visitor
    public: Visitor
    read: dict[str, str] = field(default_factory=dict)
    counted: dict[str, Counted] = field(default_factory=dict)
    case_no: str = ""
    code: str = ""
    pdf: bytes = b""
    queue: list[str] = field(default_factory=list)
    stories_seconds: float = 0.0

    def gone(self, begun: float) -> Walk:
        """The whole way; `begun` is when the platform was started (monotonic seconds)."""
        self.stories(begun)
        self.taken_in()
        self.asked_after()
        self.count("before")
        self.passed_over()
        self.watched()
        self.count("unanswered", waiting=self.counted["before"].waiting + 1)
        self.answered()
        self.count("answered", standing=self.counted["unanswered"].standing + 1)
        self.in_english()
        self.decided()
        self.closed()
        return self

    def stories(self, begun: float) -> None:
        """The supervisor opens the dashboard of a city that has just begun."""
        page = self.staff.becomes("supervisor")
        for sentence in STORIES.values():
            self.staff.until("/monitor", partial(told, sentence=sentence))
        self.stories_seconds = time.monotonic() - begun
        self.read["dashboard"] = " | ".join(map(words, page.locator("#newest tbody tr").all()))

    def taken_in(self) -> None:
        """The clerk takes an application in, accepts it, and hands the receipt out."""
        page = self.staff.becomes("clerk")
        page.get_by_role("link", name="收件登记").click()
        page.locator("#item").fill(ITEM.code)
        page.get_by_role("button", name="带入").click()
        who = {"applicant.kind": "person", "applicant.name": APPLICANT}
        for name, value in ({"channel": "window"} | who).items():
            fill(page.locator(f"#form [name='{name}']"), value)
        with page.expect_navigation():
            page.locator("#form button[type=submit]").click()
        self.case_no = page.url.rpartition("/")[2]
        self.staff.takes("受理")
        self.read["accepted"] = self.staff.text(".lead")
        number = f"SL-{self.case_no}"
        self.staff.takes("出具凭证", {"document_no": number, "sealed": "true", "dated": "true"})
        page.get_by_role("link", name="通知书").click()
        self.read["receipt"] = self.staff.text()
        found = QUERY_CODE.search(self.read["receipt"])
        assert found is not None, self.read["receipt"]
        self.code = found[1]
        paper = page.get_by_role("link", name="PDF").get_attribute("href")
        self.pdf = self.staff.context.request.get(f"{self.staff.site}{paper}").body()
        self.staff.open("/window?list=running")
        days = page.locator("main tbody td:nth-child(3) time").all()
        self.queue = [day.get_attribute("datetime") or "" for day in days]

    def asked_after(self) -> None:
        """The applicant asks on the public site, without JavaScript."""
        page = self.public.open("/")
        page.locator("#lookup [name='case_no']").fill(self.case_no)
        page.locator("#lookup [name='query_code']").fill(self.code)
        page.locator("#lookup button").click()
        self.read["progress"] = self.public.text()

    def count(self, when: str, standing: int | None = None, waiting: int | None = None) -> None:
        """Read the office's row, once it has this many standing and waiting (None: any).

        With neither asked for, once both together are no fewer than what the monitor knows.
        """
        matters = self._overdue()

        def told(page: Page) -> Locator:
            row = page.locator("#overdue tbody tr", has_text=OFFICE).filter(has_text="审批").first
            shown = self._numbers(row)
            if standing is None and waiting is None:
                right = shown[0] + shown[1] >= len(matters)
            else:
                right = standing in (None, shown[0]) and waiting in (None, shown[1])
            return row if right else page.locator("#nowhere")

        row = self.public.until("/", told)
        numbers, text = self._numbers(row), words(row)
        self.public.open(f"/overdue?office={DEMO_APPROVAL}")
        self.counted[when] = Counted(*numbers, text, self.public.text(), matters)

    @staticmethod
    def _numbers(row: Locator) -> tuple[int, int, int]:
        """Overdue now, waiting, passed this month; zeros where the office is not listed."""
        texts = row.locator("td.num").all_inner_texts() if row.count() else ["0"] * 3
        now, waiting, month = map(int, texts)
        return now, waiting, month

    def _overdue(self) -> frozenset[str]:
        """The matters that the supervisor reads as overdue now at the office."""
        page = self.staff.becomes("supervisor")
        self.staff.open(f"/monitor/findings?state=overdue&department={DEMO_APPROVAL}&limit=200")
        found = page.locator("main tbody td.matter a").all_inner_texts()
        return frozenset(text.strip() for text in found)

    def passed_over(self) -> None:
        """Twenty-one working days, by the button in the header."""
        page = self.staff.becomes("supervisor")
        page.get_by_role("button", name="快进 21 个工作日").click()
        arrived = page.get_by_role("heading", name="城市时间现在是")
        expect(arrived).to_be_visible(timeout=PATIENCE * 1000)
        self.read["arrived"] = words(arrived)

    def watched(self) -> None:
        """Both cards of the case, newest first, and the case in the clerk's queue."""
        subject = f"/monitor/subjects/case/{self.case_no}"
        self.staff.until(subject, lambda page: page.locator("main .mark-red"))
        page = self.staff.page
        rows = page.get_by_role("row").filter(has=page.locator(".mark-yellow, .mark-red"))
        self.read["cards"] = " | ".join(map(words, rows.all()))
        page = self.staff.becomes("clerk")
        self.staff.open("/window?due=overdue")
        self.read["queue"] = words(page.locator("tbody tr", has_text=self.case_no))

    def _row(self, section: str, title: str) -> Locator:
        """The row of our case and a rule in a list of the work page."""
        rows = self.staff.page.locator(f"#{section} tbody tr", has_text=self.case_no)
        return rows.filter(has_text=title).first

    def answered(self) -> None:
        """The head receipts both cards and answers both."""
        page = self.staff.becomes("head")
        cards = [words(self._row("inbox", title)) for title in (PROMISE, LIMIT)]
        self.read["inbox"] = " | ".join(cards)
        for title in (PROMISE, LIMIT):
            with page.expect_navigation():
                self._row("inbox", title).get_by_role("button").click()
        self.read["inbox after"] = self.staff.text("#inbox")
        for title in (PROMISE, LIMIT):
            self.staff.open("/monitor/work")
            self._row("to-answer", title).get_by_role("link", name=title).click()
            self.read[f"sentence {title}"] = self.staff.text(".lead")
            self.staff.takes("提交说明", {"cause": "department", "statement": STATEMENT})
        self.read["handling"] = self.staff.text("#handling")
        self.read["finding"] = page.url.removeprefix(self.staff.site)

    def in_english(self) -> None:
        """The main sentences once more; then back to Chinese."""
        addresses = {
            "progress": f"/cases/{self.case_no}",
            "row": "/",
            "finding": self.read["finding"],
        }
        self.read["en progress"] = self._english(self.public, addresses["progress"], ".lead")
        self.read["en row"] = self._english(self.public, addresses["row"], "#overdue tbody tr")
        self.read["en finding"] = self._english(self.staff, addresses["finding"], ".lead")
        self.staff.becomes("clerk")
        receipt = f"/window/cases/{self.case_no}/receipt"
        self.read["en receipt"] = self._english(self.staff, receipt, "main")

    @staticmethod
    def _english(reader: Visitor, path: str, selector: str) -> str:
        reader.open(f"{path}?lang=en")
        text = reader.text(selector)
        reader.open(f"{path}?lang=zh")
        return text

    def decided(self) -> None:
        """The approver decides; the public count follows."""
        self.staff.becomes("approver")
        self.staff.open(f"/window/cases/{self.case_no}")
        self.staff.takes("作出决定", {"outcome": "granted", "licence_no": "YG-2026-0001"})
        self.read["decided"] = self.staff.text(".lead")
        self.count("decided", standing=self.counted["answered"].standing - 1)

    def closed(self) -> None:
        """Set right by the office; verified and closed by a second person of another."""
        self.staff.becomes("head")
        self._row("to-correct", LIMIT).get_by_role("link", name=LIMIT).click()
        self.staff.takes("已整改", {"note": "已补充核查人员。"})
        self.read["own office"] = self.staff.text("#handling")
        self.staff.becomes("verifier")
        self._row("to-verify", LIMIT).get_by_role("link", name=LIMIT).click()
        self.staff.takes("核验通过")
        self.staff.takes("对账销号")
        self.read["closed"] = self.staff.text()
