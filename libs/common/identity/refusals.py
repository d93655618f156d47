"""Why a sign-in or a request was refused, as problems that a caller can act on.

Must never tell which part of a credential was wrong.
"""

from collections.abc import Mapping
from typing import ClassVar

from libs.common.web.errors import DomainError, Forbidden, Unauthenticated, Unavailable


class TokenRefused(Unauthenticated):
    """401: the bearer token is not one that we take."""

    code = "token_refused"
    zh = "访问令牌无效或已过期,请重新获取"
    en = "The access token is not valid or has expired; get a new one"
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class CsrfRefused(Forbidden):
    """403: the request does not come from a page of ours."""

    code = "csrf_refused"
    zh = "请求不是从本平台的页面发出,或页面已过期;请刷新页面后重试"
    en = "The request did not come from a page of this platform; reload the page and try again"


class SignInRefused(DomainError):
    """400: the answer of the issuer does not belong to a sign-in that this browser began."""

    code = "sign_in_refused"
    status = 400
    zh = "登录未完成或已过期,请重新登录"
    en = "The sign-in was not completed or has expired; please sign in again"


class NoPost(Forbidden):
    """403: signed in, but the issuer does not say for which post."""

    code = "no_post"
    zh = "您的账号没有绑定岗位,请联系管理员"
    en = "Your account has no post; ask the administrator"


class PostEnded(Forbidden):
    """403: the organisation knows the post, but not as one of today."""

    code = "post_ended"
    zh = "您的岗位今天不在任:组织机构中已撤销、尚未开始,或所属机构已撤销;请联系管理员"
    en = (
        "Your post does not stand today: in the organisation it has ended or not begun, or its "
        "body has; ask the administrator"
    )


class IssuerAway(Unavailable):
    """503: the issuer does not answer, or not as an issuer does."""

    code = "issuer_away"
    zh = "身份认证服务暂时不可用,请稍后重试"
    en = "The identity provider is not available at the moment; please try again soon"
