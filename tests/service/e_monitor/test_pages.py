"""The monitor's pages on a real database: what the first screen says, and that every link leads
somewhere."""

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import yaml

from libs.common.events.registry import CONTRACTS
from libs.common.law.fold import Fold
from services.e_monitor.clock.wording import catalogue
from tests.service.e_monitor.scene import Worker, accepted, application, calling

MONITOR = Path(__file__).parents[3] / "services/e_monitor"
LANGUAGES = ("zh", "en")


@pytest.fixture
async def site(autumn: str, law: Fold) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(application(autumn, law)) as caller:
        yield caller


async def text_of(site: httpx.AsyncClient, address: str) -> str:
    """A page's words, without its tags."""
    answer = await site.get(address, headers={"Accept": "text/html"})
    assert answer.status_code == 200, (address, answer.text[:500])
    body = re.sub(r"<script.*?</script>", "", answer.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


async def tile(site: httpx.AsyncClient, name: str) -> int:
    """The number that a tile of the dashboard shows."""
    page = (await site.get("/monitor?lang=zh")).text
    found = re.search(rf'id="{name}".*?data-watch>(\d+)', page, re.DOTALL)
    assert found, name
    return int(found[1])


@pytest.mark.parametrize(
    ("name", "number"),
    [("overdue-now", 2), ("due-today", 1), ("due-tomorrow", 1), ("leads-now", 1)],
)
async def test_tile_counts(site: httpx.AsyncClient, name: str, number: int) -> None:
    assert await tile(site, name) == number


async def test_dashboard_says_to_when_the_data_is_complete(site: httpx.AsyncClient) -> None:
    assert "数据完整至 2026-11-02 12:00:05" in await text_of(site, "/monitor?lang=zh")


async def test_dashboard_lists_what_is_due_soonest_first(site: httpx.AsyncClient) -> None:
    page = await text_of(site, "/monitor?lang=zh")
    soon = page[page.index("即将到期") :]
    assert 0 < soon.index(" 2026-2 ") < soon.index(" 2026-3 ")
    assert "还剩 1 个工作日" in soon


async def test_dashboard_counts_overdue_by_office(site: httpx.AsyncClient) -> None:
    page = await text_of(site, "/monitor?lang=zh")
    table = page[page.index("当前超期，按单位") : page.index("当前超期，按地区")]
    assert ("东山区审批局 1" in table, "市住建局 1" in table) == (True, True)


@pytest.mark.parametrize("panel", ["by-department", "by-region"])
async def test_a_number_on_the_dashboard_is_that_of_the_list_it_leads_to(
    site: httpx.AsyncClient, panel: str
) -> None:
    page = (await site.get("/monitor?lang=en")).text
    rows = page[page.index(f'id="{panel}"') :].partition("</section>")[0]
    told = re.findall(r'href="(/monitor/findings\?state=overdue[^"]+)">(\d+)</a>', rows)
    assert len(told) >= 2
    for address, number in told:
        query = html.unescape(address).partition("?")[2]
        found = (await site.get(f"/api/monitor/v1/findings?{query}")).json()["items"]
        assert len(found) == int(number), address


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_link_from_the_dashboard_leads_to_a_page(
    site: httpx.AsyncClient, language: str
) -> None:
    waiting = ["/monitor"]
    seen: set[str] = set()
    while waiting:
        address = waiting.pop()
        answer = await site.get(
            address, headers={"Accept": "text/html", "Cookie": f"lang={language}"}
        )
        assert answer.status_code == 200, address
        links = re.findall(r'href="(/monitor[^"#]*)"', answer.text)
        fresh = {link.replace("&amp;", "&") for link in links} - seen
        # One filter at a time: their combinations are without end.
        waiting += [link for link in fresh if not re.search("=.*=|lang=|text=", link)]
        seen |= fresh
    assert {"/monitor/why/case/2026-1/APV-010", "/monitor/why/fire/2026-88/EMO-020"} <= seen


async def test_one_click_leads_from_a_finding_to_why(site: httpx.AsyncClient) -> None:
    answer = await site.get("/api/monitor/v1/findings", params={"rule": "APV-010"})
    (item,) = answer.json()["items"]
    page = (await site.get(f"/monitor/findings/{item['id']}")).text
    assert f'href="{item["why"]}"' in page


async def test_why_page_shows_sum_article_versions_and_rights(site: httpx.AsyncClient) -> None:
    page = await text_of(site, "/monitor/why/case/2026-1/APV-010?lang=zh")
    for words in (
        "听证扣除 4 天",
        "《行政许可法》第 42(1) 条",
        "受理后二十个工作日内作出决定",
        "《行政许可法》第 45 条",
        "2004-07-01/1",
        "您的权利",
    ):
        assert words in page


async def test_lead_is_called_a_lead_to_be_verified(site: httpx.AsyncClient) -> None:
    page = await text_of(site, "/monitor/why/fire/2026-88/EMO-020?lang=zh")
    assert "线索 · 待核实" in page
    assert "消字-88" in page


async def test_subject_page_shows_events_clocks_and_findings(site: httpx.AsyncClient) -> None:
    page = await text_of(site, "/monitor/subjects/case/2026-1?lang=zh")
    for words in ("暂停计时", "听证告知-7", "23 / 20 个工作日", "红牌"):
        assert words in page


@pytest.mark.parametrize(
    "address",
    [
        "/monitor/subjects/case/none",
        "/monitor/why/case/none/APV-010",
        "/monitor/why/case/2026-1/X-1",
    ],
)
async def test_unknown_matter_is_said_in_words(site: httpx.AsyncClient, address: str) -> None:
    answer = await site.get(f"{address}?lang=zh", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "没有找到所请求的内容" in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_empty_monitor_says_what_would_stand_there(
    database: str, law: Fold, language: str
) -> None:
    words = {
        "zh": ("还没有监察发现", "尚未收到完整数据"),
        "en": ("No findings yet", "No complete data"),
    }
    async with calling(application(database, law)) as site:
        page = await text_of(site, f"/monitor?lang={language}")
        await text_of(site, f"/monitor/findings?lang={language}")
    assert all(word in page for word in words[language])


@pytest.mark.parametrize(
    ("filters", "said", "unsaid"),
    [
        ("lang=zh", "还没有监察发现", "没有符合条件的发现"),
        ("lang=en", "Nothing has been found yet", "No finding matches"),
        ("lang=zh&severity=red", "没有符合条件的发现", "还没有监察发现"),
        ("lang=en&severity=red", "No finding matches", "Nothing has been found yet"),
    ],
)
async def test_nothing_found_is_told_from_nothing_that_matches(
    database: str, law: Fold, filters: str, said: str, unsaid: str
) -> None:
    async with calling(application(database, law)) as caller:
        page = await text_of(caller, f"/monitor/findings?{filters}")
    assert (said in page, unsaid in page) == (True, False)


async def test_name_of_a_subject_is_never_taken_as_markup(database: str, law: Fold) -> None:
    worker = Worker(database, law)
    subject = "case/<b>&\"'?#%/1"
    await worker.feed(accepted(worker, subject, "2026-09-18"), "2026-11-02T12:00:00")
    async with calling(application(database, law)) as site:
        pages = [await site.get(path) for path in ("/monitor?lang=zh", "/monitor/findings")]
        page = "".join(answer.text for answer in pages)
        links = re.findall(r'href="(/monitor/(?:why|subjects)/case[^"]*)"', page)
        assert len(set(links)) == 2
        assert "<b>" not in page
        for link in links:
            assert "&lt;b&gt;&amp;" in (await site.get(link)).text


def test_every_event_type_has_a_name() -> None:
    named = {name.removeprefix("event.") for name in catalogue().texts if name.startswith("event.")}
    kinds = {kind.removeprefix("cn.sunlight.").rpartition(".v")[0] for kind in CONTRACTS}
    assert kinds - named == set()


def test_every_ground_and_festival_of_the_law_has_a_name(law: Fold) -> None:
    grounds = {f"ground.{code}" for shape in law.book.exclusions.values() for code in shape.grounds}
    festivals = {
        f"festival.{name}"
        for notice in law.calendar.notices
        if notice.year >= 2020
        for name in notice.holiday_names.values()
    }
    assert (grounds | festivals) - set(catalogue().texts) == set()


def test_no_page_speaks_a_verdict() -> None:
    verdicts = re.compile(
        "违法|违规|违纪|渎职|失职|舞弊|腐败|guilty|illegal|violat|corrupt|offence"
    )
    files = [*MONITOR.glob("words/*.yaml"), *MONITOR.glob("pages/templates/**/*.html")]
    assert len(files) > 8
    assert [path.name for path in files if verdicts.search(path.read_text(encoding="utf-8"))] == []


def test_every_text_is_in_both_languages() -> None:
    for path in MONITOR.glob("words/*.yaml"):
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
        waiting = list(tree.items())
        while waiting:
            name, node = waiting.pop()
            if isinstance(node, list):
                waiting += [(name, one) for one in node]
                continue
            if all(isinstance(part, str) for part in node.values()):
                assert set(node) == {"zh", "en"}, (path.name, name)
            else:
                waiting += node.items()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("zh", "市消防救援支队，fire/2026-88：已经发证，大厅里没有找到准予它的办件，待核实。"),
        ("zh", "市交易中心，招标项目 T-1：“"),
        ("en", "no case in the hall has been found that granted it; to be verified."),
    ],
)
async def test_the_dashboard_tells_a_finding_in_a_sentence(
    site: httpx.AsyncClient, language: str, sentence: str
) -> None:
    assert sentence in await text_of(site, f"/monitor?lang={language}")
