"""Renders pages: Jinja with autoescape, the request's language, and the shell around them.

Must never mark a value safe that came from outside, and never decide anything.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from libs.common.web.i18n import Translator
from libs.common.web.language import LANGUAGES, language_of
from libs.common.web.names import Names, installed_names
from libs.common.web.problem import ProblemResponse
from libs.common.web.shell import words
from libs.common.web.shell.day_runs import day_runs
from libs.common.web.shell.demo import WORKING_DAYS, demo_clock
from libs.common.web.shell.icons import icon
from libs.common.web.shell.navigation import navigation
from libs.common.web.static import asset_url

HERE: Final = Path(__file__).parent
TEXTS: Final = HERE / "texts.yaml"
YEAR: Final = 365 * 24 * 3600
CITY_ZONE: Final = ZoneInfo("Asia/Shanghai")


class Shell:
    """A service's pages.

    `service` marks the current entry of the navigation (`disclosure`, `approval`, `trading`,
    `monitor`); `templates` are the service's own folders; `catalogues` its texts (dict or YAML
    path). With `strict` a missing text is an error, otherwise its key is shown. `names` are
    those of the installation unless given. Raises NamesError.
    """

    def __init__(
        self,
        service: str,
        *,
        templates: Sequence[Path] = (),
        catalogues: Sequence[Mapping[str, Any] | Path] = (),
        strict: bool = True,
        names: Names | None = None,
    ) -> None:
        self.service = service
        self.names = installed_names() if names is None else names
        self.texts = Translator(TEXTS, *catalogues, strict=strict)
        folders = [*templates, HERE / "templates"]
        self.environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals.update(
            asset_url=asset_url,
            icon=icon,
            day_runs=day_runs,
            navigation=navigation(service),
            names=self.names,
            subject_text=words.subject,
            forward_days=WORKING_DAYS,
        )

    def render(
        self, request: Request, template: str, *, now: datetime | None = None, **values: Any
    ) -> str:
        """The template's text. `now` (aware) is what relative times are counted from."""
        context = self._context(request, now or datetime.now(UTC))
        return self.environment.get_template(template).render({**context, **values})

    def page(
        self,
        request: Request,
        template: str,
        *,
        now: datetime | None = None,
        status: int = 200,
        **values: Any,
    ) -> HTMLResponse:
        """The page; `?lang=` and `?text=` are kept in cookies."""
        answer = HTMLResponse(self.render(request, template, now=now, **values), status)
        answer.headers["Content-Language"] = language_of(request.scope)
        answer.headers["Vary"] = "Accept-Language, Cookie"
        _keep_choice(request, answer, "lang", LANGUAGES)
        _keep_choice(request, answer, "text", ("normal", "large"))
        return answer

    def problem_page(self, request: Request, answer: ProblemResponse) -> Response:
        """A problem for a person: what was wrong and what to do."""
        page = self.page(request, "problem.html", status=answer.status_code, problem=answer.problem)
        for name in ("allow", "retry-after", "www-authenticate"):
            if name in answer.headers:
                page.headers[name] = answer.headers[name]
        return page

    def _context(self, request: Request, now: datetime) -> dict[str, Any]:
        language = language_of(request.scope)
        translate = partial(self.texts.text, language)
        return {
            "request": request,
            "service": self.service,
            "lang": language,
            "other_lang": "en" if language == "zh" else "zh",
            "large_text": _large_text(request),
            "t": translate,
            "say": partial(words.say, language),
            "day_text": partial(words.day, language),
            "time_text": partial(words.moment, language, CITY_ZONE),
            "relative": partial(words.relative, language, now),
            "number": words.number,
            "percent": words.percent,
            "href": partial(_with_query, request),
            "now": now,
            "problem": None,
            "city_clock": demo_clock(request),
        }


def _large_text(request: Request) -> bool:
    return (request.query_params.get("text") or request.cookies.get("text")) == "large"


def _with_query(request: Request, **changes: Any) -> str:
    """This page's address with some of its query changed; None removes one."""
    kept = request.url.include_query_params(**{k: v for k, v in changes.items() if v is not None})
    kept = kept.remove_query_params([k for k, v in changes.items() if v is None])
    return f"{kept.path}?{kept.query}" if kept.query else kept.path


def _keep_choice(request: Request, answer: Response, name: str, allowed: Sequence[str]) -> None:
    chosen = request.query_params.get(name)
    if chosen and chosen in allowed and chosen != request.cookies.get(name):
        cookie = SimpleCookie({name: chosen})
        cookie[name].update({"path": "/", "max-age": str(YEAR), "samesite": "Lax"})
        answer.headers.append("Set-Cookie", cookie[name].OutputString())
