"""A file's name is safe to show and to save, whatever the sender called it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.files.names import LONGEST, clean_name


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("申请书.pdf", "申请书.pdf"),
        ("scan.PDF", "scan.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\windows\\system.ini", "system.ini.pdf"),
        ("C:\\Users\\x\\营业执照.pdf", "营业执照.pdf"),
        ("photo.jpg\0.pdf", "photo.jpg.pdf"),
        # U+202E turns what follows: shown as "invoiceexe.pdf", saved as "invoicefdp.exe"
        ("invoice\u202efdp.exe", "invoicefdp.exe.pdf"),
        ("a\u200b\u2066b\ufeff.pdf", "ab.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ('a"b<c>|?*.pdf', "a_b_c____.pdf"),
        ("   .hidden.pdf", "hidden.pdf"),
        ("", "附件.pdf"),
        ("..", "附件.pdf"),
        ("/", "附件.pdf"),
        ("con.pdf", "附件_con.pdf"),
        ("LPT1.x.pdf", "附件_LPT1.x.pdf"),
        ("e\u0301tude.pdf", "\u00e9tude.pdf"),
        ("page.html", "page.html.pdf"),
    ],
)
def test_name_is_made_safe(given: str, clean: str) -> None:
    assert clean_name(given, ("pdf",)) == clean


def test_a_very_long_name_keeps_its_ending() -> None:
    name = clean_name("长" * 5000 + ".jpeg", ("jpg", "jpeg"))

    assert len(name) == LONGEST
    assert name.endswith("长.jpeg")


@given(st.text(max_size=400))
def test_no_name_holds_a_separator_or_a_hidden_character(given: str) -> None:
    name = clean_name(given, ("pdf",))

    assert 0 < len(name) <= LONGEST
    assert name.endswith(".pdf")
    assert not name.startswith(".")
    assert not set(name) & set('/\\<>:"|?*')
    assert all(unicodedata.category(sign)[0] != "C" for sign in name)
    assert clean_name(name, ("pdf",)) == name
