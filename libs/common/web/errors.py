"""Errors that a use case raises and a caller can act on.

Each has a code, an HTTP status and its sentence in both languages. Must never carry a secret or
a person's name: what stands here is sent to the caller.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from libs.common.web.language import Language

Bilingual = Mapping[str, str]
"""One text in both languages: `{"zh": ..., "en": ...}`."""


class FieldError(NamedTuple):
    """What is wrong with one value: a JSON pointer (RFC 6901) and a sentence."""

    pointer: str
    message: str | Bilingual


class DomainError(Exception):
    """A refusal with a reason. Subclasses set `code`, `status`, `zh`, `en`.

    `values` fill the placeholders of the two templates; a value may be bilingual itself.
    `law` names the article that forbids, e.g. `{"zh": "行政许可法第三十二条", "en": ...}`.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    zh: ClassVar[str] = "请求未被接受"
    en: ClassVar[str] = "The request was not accepted"
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        *,
        errors: Sequence[FieldError | tuple[str, str | Bilingual]] = (),
        law: str | Bilingual | None = None,
        **values: Any,
    ) -> None:
        self.errors = [FieldError(*error) for error in errors]
        self.law = law
        self.values = values
        super().__init__(f"{self.code}: {self.detail('en')}")

    def detail(self, language: Language) -> str:
        """The sentence in `language`, with its values filled in."""
        template = self.zh if language == "zh" else self.en
        return template.format(**{k: in_language(v, language) for k, v in self.values.items()})


class Invalid(DomainError):
    """422: a value is wrong; `errors` says which."""

    code = "invalid"
    zh = "提交的内容有误,请按提示修改后重试"
    en = "Some values are wrong; correct them as listed and try again"


class Refused(DomainError):
    """422: the law forbids it now; `law` says which article."""

    code = "refused_by_law"
    zh = "依法不能办理这一步"
    en = "The law does not allow this step"


class NotFound(DomainError):
    """404: no such thing, or not for this caller."""

    code = "not_found"
    status = 404
    zh = "没有找到所请求的内容"
    en = "There is nothing at this address"


class Unauthenticated(DomainError):
    """401: who is asking is not known."""

    code = "unauthenticated"
    status = 401
    zh = "请先登录"
    en = "Please sign in first"
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class Forbidden(DomainError):
    """403: this caller may not."""

    code = "forbidden"
    status = 403
    zh = "您的岗位无权进行这一操作"
    en = "Your post does not allow this"


class Conflict(DomainError):
    """409: the thing's state does not allow it, or someone else was faster."""

    code = "conflict"
    status = 409
    zh = "与当前状态冲突,请刷新后重试"
    en = "This conflicts with the current state; reload and try again"


class PreconditionFailed(DomainError):
    """412: `If-Match` names a version that is no longer current."""

    code = "precondition_failed"
    status = 412
    zh = "内容已被他人更新(当前版本 {actual}),请刷新后重试"
    en = "Someone has changed it since (current version {actual}); reload and try again"


class PreconditionRequired(DomainError):
    """428: the command wants `If-Match`."""

    code = "precondition_required"
    status = 428
    zh = "缺少 If-Match:请先读取内容,再以其 ETag 提交"
    en = "If-Match is missing: read the resource first and send its ETag"


class Unavailable(DomainError):
    """503: try again soon."""

    code = "unavailable"
    status = 503
    zh = "服务暂时不可用,请稍后重试"
    en = "The service is not available at the moment; please try again soon"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "5"}


def in_language(text: Any, language: Language) -> Any:
    """A bilingual text in `language`; anything else as it is."""
    return text[language] if isinstance(text, Mapping) and language in text else text
