"""A notice as PDF, with the words of the page.

The Chinese font is one that every reader has, so no file of it is shipped. Must never take text as
markup, nor stamp the machine's own time.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import (
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from services.approval.pages.paper import Paper

FONT: Final = "STSong-Light"


@cache
def _styles(language: str) -> dict[str, Any]:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    # Chinese breaks between any two signs, English between words.
    shared = {"fontName": FONT, "wordWrap": "CJK" if language == "zh" else None}
    return {
        "title": ParagraphStyle(
            "title", **shared, fontSize=20, leading=28, alignment=1, spaceAfter=12
        ),
        "body": ParagraphStyle("body", **shared, fontSize=11, leading=18),
        "head": ParagraphStyle("head", **shared, fontSize=12, leading=20, spaceBefore=8),
        "sign": ParagraphStyle("sign", **shared, fontSize=11, leading=20, alignment=2),
    }


def as_pdf(paper: Paper, *, language: str) -> bytes:
    """The notice as the bytes of a PDF, the same for the same words."""
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=2.4 * cm,
        rightMargin=2.4 * cm,
        topMargin=2.2 * cm,
        bottomMargin=2 * cm,
        title=f"{paper.title} {paper.case_no}",
        lang="zh-CN" if language == "zh" else "en",
        invariant=1,
        pageCompression=0,
    )
    document.build(_story(paper, _styles(language)))
    return out.getvalue()


def _story(paper: Paper, styles: dict[str, Any]) -> list[Any]:
    def said(style: str, text: str) -> Any:
        return Paragraph(escape(text), styles[style])

    facts = [[said("body", name), said("body", value)] for name, value in paper.facts]
    table = Table(facts, colWidths=[4.2 * cm, 12 * cm], hAlign="LEFT")
    table.setStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
    )
    story = [said("title", paper.title), said("body", paper.lead), Spacer(1, 8), table]
    for heading, sentences in paper.parts:
        story += [said("head", heading), *(said("body", one) for one in sentences)]
    return [*story, Spacer(1, 28), *(said("sign", line) for line in paper.sign)]
