"""The site as the public addresses it, and the words of a request.

Must never take more than scheme and host from what a request says of itself.
"""

from typing import Final

from fastapi import Request

from libs.common.web.language import Language, language_of
from libs.common.web.shell import Shell
from services.disclosure.record.wording import Wording
from services.disclosure.settings import Settings

TENDER_KINDS: Final = ("tender_notice", "candidates", "award", "contract")
KINDS: Final = (*TENDER_KINDS, "decision")


def settings_of(request: Request) -> Settings:
    """The application's settings."""
    settings: Settings = request.app.state.settings
    return settings


def address_of(request: Request) -> str:
    """Scheme and host of permanent links, without a slash at the end."""
    return settings_of(request).public_url or str(request.base_url).rstrip("/")


def shell_of(request: Request) -> Shell:
    """The application's pages."""
    shell: Shell = request.app.state.shell
    return shell


def wording(request: Request, language: Language | None = None) -> Wording:
    """Words in `language`, else in the request's."""
    shell = shell_of(request)
    chosen = language or language_of(request.scope)
    return Wording(shell.texts, shell.names, chosen, request.app.state.limits)
