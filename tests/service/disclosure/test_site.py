"""The public site, feeds, open data and API as anyone reads them."""

import csv
import io
import re
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID
from xml.etree.ElementTree import Element, fromstring

import httpx
import pytest

from libs.common.events import Event
from libs.common.web.page import encode_cursor
from tests.service.disclosure.conftest import SITE, Stream
from tests.unit.disclosure.events import (
    IDENTITY,
    MOBILE,
    answered,
    assigned,
    decided,
    detected,
    event,
    received,
    tender,
)

NS = "{http://www.w3.org/2005/Atom}"
DOCUMENTS = [
    "/",
    "/?lang=en",
    "/overdue",
    "/feeds/tenders.atom",
    "/feeds/tenders.json",
    "/feeds/decisions.atom",
    "/feeds/overdue.atom",
    "/feeds/overdue.json",
    "/open-data/records.csv",
    "/open-data/overdue.csv",
    "/api/disclosure/v1/records",
    "/api/disclosure/v1/overdue",
    "/api/disclosure/v1/overdue/facts",
]
SECRETS = (MOBILE, IDENTITY, "张三丰", "post-77", "LIC-77", "C-1", "f-1", "987654321")
VERDICTS = ("违法", "违规", "渎职", "腐败", "失职", "illegal", "corrupt", "guilty", "violat")


async def fill(stream: Stream) -> None:
    """A tender, a granted licence, an overrun that its office answered for."""
    await stream.send(tender(), received(), decided(), detected(), assigned(), answered())


def tender_of(office: str, number: int) -> Event:
    return tender(subject=f"tender/{office}-{number}", department=office)


def listed(text: str) -> set[str]:
    """The records in the home page's list."""
    (panel,) = re.findall(r'<section class="panel" id="records">.*?</section>', text, re.DOTALL)
    return set(re.findall(r'href="/records/([^"]+)"', panel))


def required(entry: Element, *names: str) -> list[str]:
    """Text of elements of which RFC 4287 wants exactly one."""
    found = [entry.findall(f"{NS}{name}") for name in names]
    assert [len(elements) for elements in found] == [1] * len(names)
    return [(elements[0].text or "") for elements in found]


def check_atom(document: bytes, address: str) -> list[Element]:
    """The entries of a feed that has what RFC 4287 sections 4.1.1 and 4.1.2 require."""
    root = fromstring(document)  # noqa: S314 - our own document
    assert root.tag == f"{NS}feed"
    identifier, title, updated = required(root, "id", "title", "updated")
    assert urlsplit(identifier).scheme in {"urn", "tag"}
    assert title
    assert datetime.fromisoformat(updated).tzinfo is not None
    assert root.findtext(f"{NS}author/{NS}name")
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{NS}link")}
    assert links["self"] == f"{SITE}{address}"
    entries: list[Element] = root.findall(f"{NS}entry")
    identifiers = []
    for entry in entries:
        own, headline, changed = required(entry, "id", "title", "updated")
        UUID(own.removeprefix("urn:uuid:"))
        assert headline
        assert datetime.fromisoformat(changed) <= datetime.fromisoformat(updated)
        assert entry.find(f"{NS}link[@rel='alternate']") is not None
        identifiers.append(own)
    assert len(set(identifiers)) == len(identifiers)
    return entries


@pytest.mark.parametrize("name", ["tenders", "decisions", "overdue"])
async def test_an_atom_feed_has_what_its_standard_requires(
    stream: Stream, public: httpx.AsyncClient, name: str
) -> None:
    await fill(stream)
    answer = await public.get(f"/feeds/{name}.atom")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert len(check_atom(answer.content, f"/feeds/{name}.atom")) == 1


async def test_an_empty_feed_is_still_a_feed(public: httpx.AsyncClient) -> None:
    answer = await public.get("/feeds/tenders.atom")
    assert check_atom(answer.content, "/feeds/tenders.atom") == []


async def test_a_feed_says_its_language_in_its_own_address(public: httpx.AsyncClient) -> None:
    answer = await public.get("/feeds/tenders.atom?lang=en")
    check_atom(answer.content, "/feeds/tenders.atom?lang=en")
    assert "Tenders and awards" in answer.text


async def test_a_subscription_keeps_its_words_whatever_the_reader_prefers(
    public: httpx.AsyncClient,
) -> None:
    answer = await public.get("/feeds/tenders.atom", headers={"Accept-Language": "en"})
    assert "招标与中标" in answer.text


async def test_the_entry_leads_to_a_page_that_exists(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await fill(stream)
    (entry,) = check_atom((await public.get("/feeds/tenders.atom")).content, "/feeds/tenders.atom")
    link = entry.find(f"{NS}link[@rel='alternate']")
    assert link is not None
    answer = await public.get(str(link.get("href")))
    assert answer.status_code == 200
    assert "招标公告 T-2026-001" in answer.text
    assert "《招标投标法》第 16 条" in answer.text


async def test_an_unknown_feed_is_not_found(public: httpx.AsyncClient) -> None:
    assert (await public.get("/feeds/leads.atom")).status_code == 404


async def test_json_feed_and_atom_hold_the_same_entries(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await fill(stream)
    atom = check_atom((await public.get("/feeds/tenders.atom")).content, "/feeds/tenders.atom")
    items = (await public.get("/feeds/tenders.json")).json()["items"]
    assert [item["id"] for item in items] == [entry.findtext(f"{NS}id") for entry in atom]


async def test_csv_rows_carry_permanent_links(stream: Stream, public: httpx.AsyncClient) -> None:
    await fill(stream)
    text = (await public.get("/open-data/records.csv")).text
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["kind"] for row in found} == {"tender_notice", "decision"}
    for row in found:
        assert (await public.get(row["url"])).status_code == 200


async def test_a_document_that_is_known_is_not_sent_again(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await fill(stream)
    for address in DOCUMENTS:
        public.cookies.set("lang", "en" if "lang=en" in address else "zh")
        first = await public.get(address)
        again = await public.get(address, headers={"If-None-Match": first.headers["etag"]})
        assert first.headers["cache-control"] == "public, max-age=60", address
        assert (again.status_code, again.content) == (304, b""), address


async def test_a_new_record_changes_the_tag(stream: Stream, public: httpx.AsyncClient) -> None:
    before = await public.get("/feeds/tenders.atom")
    await fill(stream)
    after = await public.get(
        "/feeds/tenders.atom", headers={"If-None-Match": before.headers["etag"]}
    )
    assert after.status_code == 200


async def test_an_answer_that_sets_a_cookie_is_nobody_elses(public: httpx.AsyncClient) -> None:
    answer = await public.get("/?lang=en")
    assert "set-cookie" in answer.headers
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_no_person_no_case_and_no_licence_number_gets_out(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    careless = {
        "lot": f"call {MOBILE}",
        "winner": IDENTITY,
        "award_price": 5,
        "applicant": "张三丰",
    }
    await fill(stream)
    await stream.send(
        event("trading.award.decided", "tender/T-2026-001", 2, careless, actor="post-77")
    )
    listed = (await public.get("/api/disclosure/v1/records")).json()["items"]
    assert {item["kind"] for item in listed} == {"tender_notice", "decision", "award"}
    for address in [*DOCUMENTS, *(f"/records/{item['id']}" for item in listed)]:
        text = (await public.get(address)).text
        for secret in SECRETS:
            assert not re.search(rf"(?<![\w-]){secret}(?![\w-])", text), (address, secret)


async def test_words_are_neutral(stream: Stream, public: httpx.AsyncClient) -> None:
    await fill(stream)
    for address in DOCUMENTS:
        text = (await public.get(address)).text
        assert [word for word in VERDICTS if word in text] == [], address


async def test_the_home_page_says_what_would_stand_there(public: httpx.AsyncClient) -> None:
    text = (await public.get("/")).text
    assert "还没有公开记录" in text
    assert "没有超期事项" in text


async def test_the_home_page_counts_overdue_matters_with_their_base(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await fill(stream)
    text = (await public.get("/")).text
    (panel,) = re.findall(r'<section class="panel" id="overdue">.*?</section>', text, re.DOTALL)
    cells = [
        " ".join(re.sub("<[^>]+>", " ", cell).split())
        for cell in re.findall("<td.*?</td>", panel, re.DOTALL)
    ]
    assert cells[:5] == ["office-1 990100 · 审批", "1", "0", "1", "办结 1 件"]


async def test_the_home_page_needs_no_script(public: httpx.AsyncClient) -> None:
    text = (await public.get("/")).text
    assert "<script" not in text
    assert "noindex" not in text


async def test_the_english_page_says_the_same(stream: Stream, public: httpx.AsyncClient) -> None:
    await fill(stream)
    text = (await public.get("/?lang=en")).text
    assert "Tender notice T-2026-001" in text
    assert "Overdue now, and the office&#39;s answer" in text


async def test_records_are_filtered_by_kind_and_office(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await fill(stream)
    await stream.send(tender_of("office-2", 1))
    text = (await public.get("/?kind=tender_notice&office=office-2")).text
    assert len(listed(text)) == 1


async def test_a_filter_without_a_record_says_so(stream: Stream, public: httpx.AsyncClient) -> None:
    await fill(stream)
    assert "没有符合筛选条件的记录" in (await public.get("/?kind=award")).text


async def test_an_unknown_kind_is_refused(public: httpx.AsyncClient) -> None:
    assert (await public.get("/?kind=lead")).status_code == 422


async def test_the_list_goes_on_page_by_page_without_repeating(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(*(tender_of("office-1", number) for number in range(5)))
    address, seen = "/api/disclosure/v1/records?limit=2", []
    while address:
        answer = await public.get(address)
        seen.append([item["id"] for item in answer.json()["items"]])
        address = answer.links.get("next", {}).get("url", "")
    assert [len(page) for page in seen] == [2, 2, 1]
    assert len({item for page in seen for item in page}) == 5


async def test_the_home_page_leads_to_older_records(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(*(tender_of("office-1", number) for number in range(21)))
    text = (await public.get("/")).text
    (older,) = re.findall(r'href="(/\?cursor=[^"]+)" rel="next"', text)
    found, rest = listed(text), listed((await public.get(older)).text)
    assert (len(found), len(rest), found & rest) == (20, 1, set())


@pytest.mark.parametrize(
    "cursor",
    [
        "abc",
        "WyJhIiwiYiJd",
        "WzFd",
        encode_cursor("0001-01-01T00:00:00+14:00", str(UUID(int=0))),
        encode_cursor("9999-12-31T23:59:59-14:00", str(UUID(int=0))),
    ],
)
async def test_a_cursor_that_is_not_ours_is_refused(public: httpx.AsyncClient, cursor: str) -> None:
    answer = await public.get(f"/api/disclosure/v1/records?cursor={cursor}")
    assert answer.status_code == 422


async def test_the_api_shows_one_record_under_its_id(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await fill(stream)
    (first, *_) = (await public.get("/api/disclosure/v1/records?kind=decision")).json()["items"]
    answer = await public.get(f"/api/disclosure/v1/records/{first['id']}")
    assert answer.json() == first
    assert first["facts"] == {"item_code": "A-1", "outcome": "granted"}
    assert "about" not in first


async def test_a_record_that_is_not_there_is_not_found(public: httpx.AsyncClient) -> None:
    nobody = "00000000-0000-5000-8000-000000000000"
    assert (await public.get(f"/records/{nobody}")).status_code == 404
    assert (await public.get(f"/api/disclosure/v1/records/{nobody}")).status_code == 404
