"""The use case of the progress query: number and code in, the case out.

A wrong number and a wrong code are answered alike and take alike. Must never tell which it was,
and must never log either.
"""

import hmac
import re
from collections.abc import Mapping
from typing import ClassVar, Final

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from libs.common.db.transaction import TransactionSession, transaction
from libs.common.identity.scope import Scope
from libs.common.web.errors import DomainError, NotFound
from services.approval.case import repository as cases
from services.approval.case.model import Case
from services.approval.case.query_code import LENGTH, one_form
from services.approval.progress import repository

_NUMBER: Final = re.compile(r"\d{2,12}-\d{8}-\d{8,18}", re.ASCII)
_NO_CODE: Final = "-" * LENGTH
"""What no code is: held against what was typed where there is no case."""


class NoSuchCase(NotFound):
    """404: number and code don't belong together."""

    code = "no_such_case"
    zh = "没有这个办件,或查询码不对。请核对受理通知书上的办件编号和查询码"
    en = "There is no such case, or the query code is wrong. Both stand on the notice of acceptance"


class TooManyTries(DomainError):
    """429: too many wrong tries on this number."""

    code = "too_many_tries"
    status = 429
    zh = "该编号一小时内多次输入有误,已暂停查询。请一小时后再试,或向办理机关询问"
    en = "Too many wrong tries on this number. Try again in an hour, or ask the office"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "3600"}


async def asked_for(sessions: async_sessionmaker[AsyncSession], number: str, typed: str) -> Case:
    """The case of a number and its code.

    A wrong try is written down and committed before the answer: it counts in every process.

    Raises:
        NoSuchCase, TooManyTries: as they say.
    """
    case_no = "".join(number.split())
    if not _NUMBER.fullmatch(case_no):
        raise NoSuchCase
    async with transaction(sessions, lock_wait="3s") as session:
        case = await _tried(session, case_no, one_form(typed))
    if case is None:
        raise NoSuchCase
    return case


async def _tried(session: TransactionSession, case_no: str, typed: str) -> Case | None:
    tries, now = await repository.locked_tries(session, case_no)
    if tries.closed(now):
        raise TooManyTries
    code = await repository.code_of(session, case_no)
    if not hmac.compare_digest(typed.encode(), (code or _NO_CODE).encode()):
        await repository.keep(session, case_no, tries.with_wrong(now), now)
        return None
    return await cases.find(session, case_no, Scope.everything())
