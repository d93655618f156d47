"""Forms of our own pages: what was filled in, once it is sure that one of our pages sent it.

Must never let a form through without an account: without one there is no token to hold it against.
"""

from __future__ import annotations

import hmac
from typing import Annotated, Final

from fastapi import Depends, Request

from libs.common.identity.actor import Acting
from libs.common.identity.csrf import FIELD
from libs.common.identity.pages import account_of
from libs.common.identity.refusals import CsrfRefused
from libs.common.web.errors import Invalid
from libs.common.web.etag import Precondition

MOST_FIELDS: Final = 24


async def own_form(request: Request, _actor: Acting) -> dict[str, str]:
    """The fields that were filled in, of a form of our own pages.

    Raises:
        Unauthenticated: the session has ended since the page was shown; asked first, so that the
            person is told to sign in again.
        CsrfRefused: it does not bear the token of the caller's pages; also where there is none.
    """
    account = await account_of(request)
    sent = (await request.form(max_fields=MOST_FIELDS, max_files=0)).items()
    form = {key: value.strip() for key, value in sent if isinstance(value, str) and value.strip()}
    token = form.pop(FIELD, "")
    if account is None or not hmac.compare_digest(token.encode(), account.csrf_token.encode()):
        raise CsrfRefused
    return form


def expected(form: dict[str, str]) -> Precondition:
    """Take the hidden field `version` out of a form: the version that the page showed.

    Raises:
        Invalid: the form bears none.
    """
    text = form.pop("version", "")
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        message = {"zh": "缺少页面的版本号", "en": "the page's version is missing"}
        raise Invalid(errors=[("/version", message)])
    return Precondition(frozenset({int(text)}))


OwnForm = Annotated[dict[str, str], Depends(own_form)]
