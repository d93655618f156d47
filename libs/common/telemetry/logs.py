"""Logs as JSON lines on stderr, without personal data.

Two nets: keys that name a person's data are dropped, and identity numbers and phone numbers are
masked wherever they stand in a value. Must never be the place where data is kept.
"""

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, TextIO

import orjson
import structlog

EventDict = MutableMapping[str, Any]

DENIED: Final = frozenset(
    """
    name full_name applicant person contact phone mobile telephone email address id_number
    identity_number id_card citizen_id passport bank_account birth_date password secret token
    query_code cookie authorization body payload 姓名 电话 手机 身份证号 地址
    """.split()  # noqa: SIM905 - a list of words, read as one
)
IDENTITY: Final = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
PHONE: Final = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
DETAIL: Final = re.compile(r"^\s*(DETAIL|\[parameters):?.*$", re.MULTILINE)
MASK: Final = "***"


def configure_logs(
    service: str, *, level: int = logging.INFO, stream: TextIO | None = None
) -> None:
    """Send structlog and the standard library's loggers to `stream` (stderr) as JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _adder(service),
        frames,
        without_personal_data,
    ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Its lines hold whole addresses, which name cases and query codes.
    logging.getLogger("uvicorn.access").disabled = True
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def without_personal_data(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Drop keys of `DENIED` at any depth, and mask numbers of persons in every value."""
    return {key: _clean(value) for key, value in event.items() if key.lower() not in DENIED}


def frames(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by the error's type, masked text and places; never values of locals."""
    info = event.pop("exc_info", None)
    error = _error_of(info) if info else None
    if error is not None:
        event.update(describe(error))
    return event


def describe(error: BaseException) -> dict[str, Any]:
    """An error as log fields: its type, its masked text, and the places it passed."""
    # PostgreSQL's DETAIL and SQLAlchemy's parameters repeat the row that was written.
    text = DETAIL.sub("", str(error)).strip()
    places = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__qualname__,
        "error_text": mask(text),
        "error_at": [f"{place.filename}:{place.lineno} {place.name}" for place in places],
    }


def mask(text: str) -> str:
    """`text` with identity numbers and phone numbers replaced."""
    return PHONE.sub(MASK, IDENTITY.sub(MASK, text))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {str(k): _clean(v) for k, v in value.items() if str(k).lower() not in DENIED}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(item) for item in value]
    if isinstance(value, int) and len(str(value)) >= 11:
        return mask(str(value))
    return value


def _error_of(info: Any) -> BaseException | None:
    if isinstance(info, BaseException):
        return info
    error: BaseException | None = info[1] if isinstance(info, tuple) else sys.exc_info()[1]
    return error


def _adder(service: str) -> structlog.typing.Processor:
    def add_service(_logger: Any, _method: str, event: EventDict) -> EventDict:
        return {"service": service, **event}

    return add_service


def _json(value: Any, **_options: Any) -> str:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
