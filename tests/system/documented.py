"""The pages of `docs/api/`: their names, titles and what they are about, in both languages."""

from __future__ import annotations

from typing import Final

from tests.system.recorder import Page

PAGES: Final = (
    Page(
        "window",
        ("窗口:收件、受理、办结", "Window: taking in, accepting, deciding"),
        (
            "一件公共场所卫生许可在窗口的每一步。每个命令带 `If-Match`(上一个回答的 `ETag`)"
            "和 `Idempotency-Key`。",
            "Every step of a public-place hygiene licence at the window. Each command bears "
            "`If-Match` (the `ETag` of the answer before) and an `Idempotency-Key`.",
        ),
    ),
    Page(
        "progress",
        ("进度查询", "Progress query"),
        (
            "凭办件编号和查询码,不登录。查询码不写在地址里。",
            "With case number and query code, without a login. The code is never in an address.",
        ),
    ),
    Page(
        "monitoring",
        ("监察:提示、说明、整改、销号", "Monitoring: cards, answers, closing"),
        (
            "黄牌、红牌怎样到负责人那里,怎样说明、整改,由另一单位的人核验销号。",
            "How a card reaches the head, is answered and set right, and is verified and closed by "
            "someone of another office.",
        ),
    ),
    Page(
        "public",
        ("公开:超期件数、说明、记录", "Public: overdue counts, answers, records"),
        (
            "不登录就能读到的。本单位说明后,或说明期限过后,才计入件数并公开单件的情况;此前只列为待答复的件数。",
            "What anyone reads without a login. A matter is counted and shown once the office has "
            "answered, or its time to answer has passed; until then it is only in the number of "
            "those awaiting the answer.",
        ),
    ),
    Page(
        "trading",
        ("交易:招标", "Trading: tenders"),
        (
            "招标文件发出前先核对法定最短期限,期限不足的不受理。",
            "Before tender documents are issued their dates are held against the law's minimum "
            "periods; too short a period is refused.",
        ),
    ),
    Page(
        "errors",
        ("错误", "Errors"),
        (
            "被拒绝的请求按 RFC 9457 回答 `application/problem+json`,语言随 `Accept-Language`;"
            "依法不能办理的写明条款(`law`)。",
            "What is refused is answered as `application/problem+json` (RFC 9457), in the language "
            "of `Accept-Language`; what the law forbids names the article (`law`).",
        ),
    ),
)
