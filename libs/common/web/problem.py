"""Errors as RFC 9457 `application/problem+json`, in the caller's language.

Must never tell what went wrong inside: a 500 says only that, and where to ask (its request id).
"""

from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from libs.common.web.errors import DomainError, in_language
from libs.common.web.language import Language, language_of
from libs.common.web.validation import sentence

MEDIA_TYPE: Final = "application/problem+json"

TITLES: Final[dict[int, tuple[str, str, str]]] = {
    400: ("bad_request", "请求无法解析", "The request could not be read"),
    401: ("unauthenticated", "需要登录", "Sign-in required"),
    403: ("forbidden", "无权操作", "Not allowed"),
    404: ("not_found", "没有找到", "Not found"),
    405: ("method_not_allowed", "不支持该方法", "Method not allowed"),
    409: ("conflict", "状态冲突", "Conflict"),
    410: ("gone", "不再提供", "Gone"),
    412: ("precondition_failed", "版本已更新", "Version is stale"),
    413: ("too_large", "内容过大", "Content too large"),
    415: ("unsupported_media_type", "不支持的媒体类型", "Media type not supported"),
    422: ("invalid", "内容有误", "Content not acceptable"),
    428: ("precondition_required", "缺少前提条件", "Precondition required"),
    429: ("too_many_requests", "请求过于频繁", "Too many requests"),
    500: ("internal_error", "系统内部错误", "Internal error"),
    503: ("unavailable", "暂时不可用", "Temporarily unavailable"),
}

DETAILS: Final[dict[int, tuple[str, str]]] = {
    400: ("请求体不是有效的 JSON 或编码有误", "The body is not valid JSON or wrongly encoded"),
    404: ("没有找到所请求的内容", "There is nothing at this address"),
    405: ("该地址不支持这一方法,可用方法见 Allow", "See Allow for the methods of this address"),
    413: ("内容超过允许的大小", "The content exceeds the allowed size"),
    422: (
        "提交的内容有误,请按提示修改后重试",
        "Some values are wrong; correct them as listed and try again",
    ),
    500: (
        "系统出现错误,已记录;如需帮助请提供请求编号",
        "Something went wrong and was recorded; quote the request id when asking for help",
    ),
    503: ("服务暂时不可用,请稍后重试", "The service is not available; please try again soon"),
}


class ProblemField(BaseModel):
    """What is wrong with one value."""

    pointer: str = Field(description="JSON pointer (RFC 6901) into the request body, or name")
    message: str


class Problem(BaseModel):
    """RFC 9457 problem; `code`, `errors`, `law` and `request_id` are extension members."""

    type: str = Field(description="URN of the kind of problem")
    title: str
    status: int
    code: str
    detail: str
    instance: str
    errors: list[ProblemField] = []
    law: str | None = Field(default=None, description="The article that forbids it")
    request_id: str | None = None


class ProblemResponse(Response):
    """A problem as its bytes; `problem` is kept for the page that shows it."""

    media_type = MEDIA_TYPE

    def __init__(self, problem: Problem, headers: dict[str, str] | None = None) -> None:
        self.problem = problem
        content = orjson.dumps(problem.model_dump(exclude_none=True))
        super().__init__(content, status_code=problem.status, headers=headers)


def problem(
    scope: Scope,
    status: int,
    *,
    code: str | None = None,
    detail: str | None = None,
    errors: list[ProblemField] | None = None,
    law: str | None = None,
) -> Problem:
    """A problem of this request; what is not given follows from `status`."""
    language = language_of(scope)
    default_code, zh, en = TITLES.get(status, _phrase(status))
    details = DETAILS.get(status, (zh, en))
    code = code or default_code
    return Problem(
        type=f"urn:sunlight:problem:{code}",
        title=_pick(language, zh, en),
        status=status,
        code=code,
        detail=detail or _pick(language, *details),
        instance=scope["path"],
        errors=errors or [],
        law=law,
        request_id=scope.get("state", {}).get("request_id"),
    )


def from_domain(scope: Scope, error: DomainError) -> ProblemResponse:
    """The answer to a domain error."""
    language = language_of(scope)
    fields = [
        ProblemField(pointer=e.pointer, message=in_language(e.message, language))
        for e in error.errors
    ]
    body = problem(
        scope,
        error.status,
        code=error.code,
        detail=error.detail(language),
        errors=fields,
        law=in_language(error.law, language),
    )
    return ProblemResponse(body, dict(error.headers))


def from_validation(scope: Scope, error: RequestValidationError) -> ProblemResponse:
    """400 for a body that is no JSON, else 422 with a sentence for each value."""
    found = error.errors()
    if any(e["type"] == "json_invalid" for e in found):
        return ProblemResponse(problem(scope, 400))
    language = language_of(scope)
    fields = [
        ProblemField(pointer=_pointer(e["loc"]), message=sentence(e, language)) for e in found
    ]
    return ProblemResponse(problem(scope, 422, errors=fields))


def from_http(scope: Scope, error: HTTPException) -> ProblemResponse:
    """The answer to an error of the framework, with its headers (`Allow`, `Retry-After`)."""
    return ProblemResponse(problem(scope, error.status_code), dict(error.headers or {}))


def internal(scope: Scope, status: int = 500) -> ProblemResponse:
    """The answer when the reason must not leave the house."""
    headers = {"Retry-After": "5"} if status == 503 else {}
    return ProblemResponse(problem(scope, status), headers)


def shown(request: Request, answer: ProblemResponse) -> Response:
    """The answer, as a page where a person is looking and the service has pages."""
    shell = request.app.state.shell
    if shell is None or not wants_page(request):
        return answer
    page: Response = shell.problem_page(request, answer)
    return page


def wants_page(request: Request) -> bool:
    """Whether a person is looking: outside the API, and the browser asks for HTML."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get(
        "accept", ""
    )


def _pointer(location: tuple[Any, ...]) -> str:
    """`("body", "lots", 0)` is `/lots/0`; a query or header value is named by its place."""
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in location]
    if parts and parts[0] == "body":
        return "".join(f"/{part}" for part in parts[1:])
    return ":".join(parts)


def _pick(language: Language, zh: str, en: str) -> str:
    return zh if language == "zh" else en


def _phrase(status: int) -> tuple[str, str, str]:
    phrase = HTTPStatus(status).phrase
    return phrase.lower().replace(" ", "_"), phrase, phrase
