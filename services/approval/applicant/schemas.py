"""What a request may say of an applicant, and what answers show.

Must never repeat a name or a number in what it says is wrong.
"""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from libs.common.codes import (
    CodeError,
    mask_credit_code,
    mask_resident_id,
    parse_credit_code,
    parse_resident_id,
)
from libs.common.web.inputs import Body
from services.approval.inputs import Label

Kind = Literal["person", "organisation"]
_PHONE: Final = re.compile(r"\+?[0-9][0-9 \-]{4,18}[0-9]")


def _phone(value: str) -> str:
    if not _PHONE.fullmatch(value):
        raise ValueError("应为电话号码 / should be a telephone number")
    return value


Phone = Annotated[str, Field(max_length=20), AfterValidator(_phone)]
Name = Annotated[Label, Field(max_length=100)]


class Applicant(Body):
    """申请人. `number`: 公民身份号码 of a person, 统一社会信用代码 of an organisation."""

    model_config = ConfigDict(hide_input_in_errors=True)

    kind: Kind
    name: Name = Field(repr=False)
    number: Annotated[str, Field(max_length=40)] | None = Field(None, repr=False)
    phone: Phone | None = Field(None, repr=False)

    @field_validator("number")
    @classmethod
    def _checked(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None or "kind" not in info.data:
            return value
        try:
            if info.data["kind"] == "person":
                return parse_resident_id(value).value
            return parse_credit_code(value).value
        except CodeError:
            # From None: the cause shows parts of the number.
            raise ValueError(_WRONG[info.data["kind"]]) from None

    @property
    def number_masked(self) -> str | None:
        """The number as it is shown."""
        if self.number is None:
            return None
        mask = mask_resident_id if self.kind == "person" else mask_credit_code
        return mask(self.number)


_WRONG: Final = {
    "person": "公民身份号码有误,请核对 / is not a valid citizen's number",
    "organisation": "统一社会信用代码有误,请核对 / is not a valid social credit code",
}


class ShownApplicant(BaseModel):
    """An applicant to the staff of the case's office: the name whole, the number masked."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    name: str
    number_masked: str | None
    phone: str | None
