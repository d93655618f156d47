"""What is wrong with a value, in the language of whoever asks."""

from typing import Any

import pytest
from pydantic import BaseModel, Field, ValidationError, field_validator

from libs.common.web.validation import sentence


class Form(BaseModel):
    """A form with a limit of pydantic's and a validator of ours."""

    name: str = Field(min_length=3, default="name")
    number: str = "1"

    @field_validator("number")
    @classmethod
    def _checked(cls, value: str) -> str:
        if value == "one":
            raise ValueError("只说一种")
        if value != "1":
            raise ValueError("号码有误 / is not a number")
        return value


def fault(**values: str) -> dict[str, Any]:
    """What is wrong with the only wrong value."""
    with pytest.raises(ValidationError) as told:
        Form(**values)
    (found,) = told.value.errors()
    return dict(found)


@pytest.mark.parametrize(("language", "said"), [("zh", "号码有误"), ("en", "is not a number")])
def test_a_validator_of_ours_is_heard_in_one_language(language: Any, said: str) -> None:
    assert sentence(fault(number="2"), language) == said


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_said_in_one_language_alone_is_said_to_all(language: Any) -> None:
    assert sentence(fault(number="one"), language) == "只说一种"


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh", "至少 3 个字符"), ("en", "String should have at least 3 characters")],
)
def test_a_limit_is_told_with_its_number(language: Any, said: str) -> None:
    assert sentence(fault(name="a"), language) == said
