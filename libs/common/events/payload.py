"""Base of all event payloads: what an event says, as a frozen model.

Strict when producing (`checked`), tolerant when reading (`Payload.model_validate`): a reader
ignores fields it does not know and keeps code values it does not know as text, so that a newer
producer never stops an older consumer. A payload must never carry free text about a person, a
name, a telephone or an identity number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any, ClassVar, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    ValidationError,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class ContractError(ValueError):
    """An event breaks its contract; the message names the field and the value."""


@dataclass(frozen=True, slots=True)
class Codes:
    """The code values a producer may write; a reader keeps any other as text."""

    values: tuple[str, ...]

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        schema["x-codes"] = list(self.values)
        return schema


class _Aware:
    """Takes an aware datetime from a producer, an RFC 3339 text from the wire, nothing else.

    Pydantic alone would also read numbers, dates and digits as times.
    """

    _RFC3339 = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        given = core_schema.union_schema(
            [
                core_schema.is_instance_schema(datetime),
                core_schema.str_schema(pattern=self._RFC3339),
            ],
            mode="left_to_right",
            custom_error_type="instant",
            custom_error_message="Input should be an RFC 3339 time with its offset",
        )
        instant = core_schema.datetime_schema(tz_constraint="aware", strict=False)
        return core_schema.chain_schema([given, instant])

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "date-time"}


Code = Annotated[str, Field(min_length=1, max_length=100)]
Money = Annotated[int, Field(ge=0, le=10**15, description="integer fen (分)")]
Days = Annotated[int, Field(ge=0, le=3660)]
Instant = Annotated[datetime, _Aware()]
TimeUnit = Annotated[Code, Codes(("working_day", "calendar_day", "hour", "month", "year"))]
JsonArray = Strict(strict=False)
"""Marks a tuple: JSON has no tuples, so a list is taken as well."""


def _marks(annotation: Any) -> Iterator[Codes]:
    """The code lists named anywhere in a type, as in `Annotated[str, Codes(...)] | None`."""
    if isinstance(annotation, Codes):
        yield annotation
    for part in get_args(annotation):
        yield from _marks(part)


class Payload(BaseModel):
    """A payload type; `type=` names the event type it is the data of."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    event_type: ClassVar[str] = ""
    rank: ClassVar[int] = 0
    """Place in the life cycle: orders events of one subject that happened at the same instant."""

    def __init_subclass__(cls, *, type: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.event_type = type

    @classmethod
    def code_fields(cls) -> dict[str, Codes]:
        """The fields bound to a code list, optional ones included."""
        return _codes_of(cls)

    def checked(self) -> Self:
        """Return the payload as a producer may send it.

        Raises:
            ContractError: a value has the wrong type, or is not in the field's code list.
        """
        for name, codes in self.code_fields().items():
            value = getattr(self, name)
            if value is not None and value not in codes.values:
                raise ContractError(
                    f"{self.event_type}: {name} is {value!r}; a producer may write one of "
                    f"{', '.join(codes.values)}"
                )
        try:
            return type(self).model_validate(self.model_dump(warnings=False), strict=True)
        except ValidationError as error:
            raise ContractError(f"{self.event_type}: {faults(error)}") from error


def faults(error: ValidationError) -> str:
    """The first five faults of data, each with field and value."""
    return "; ".join(
        f"data/{'/'.join(str(part) for part in item['loc'])}: {item['msg']} "
        f"(value {str(item['input'])[:80]!r})"
        for item in error.errors(include_url=False)[:5]
    )


@cache
def _codes_of(model: type[Payload]) -> dict[str, Codes]:
    return {
        name: mark
        for name, field in model.model_fields.items()
        for mark in (*field.metadata, *_marks(field.annotation))
        if isinstance(mark, Codes)
    }
