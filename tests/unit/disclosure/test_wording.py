"""What pages and feeds call an office."""

from typing import Literal

import pytest

from libs.common.web.i18n import Translator
from libs.common.web.names import Names
from services.disclosure.record.wording import Wording

TEXTS = Translator({"office": {"none": {"zh": "单位未注明", "en": "Office not stated"}}})
NAMES = Names({"office-1": {"zh": "市水务局", "en": "Water Bureau"}})


@pytest.mark.parametrize(
    ("language", "code", "said"),
    [
        ("zh", "office-1", "市水务局"),
        ("en", "office-1", "Water Bureau"),
        ("en", "office-2", "office-2"),
        ("zh", "", "单位未注明"),
    ],
)
def test_an_office_is_said_by_its_name_else_its_code(
    language: Literal["zh", "en"], code: str, said: str
) -> None:
    assert Wording(TEXTS, NAMES, language).office(code) == said
