"""Which addresses a signed-in browser may be sent to: paths of this platform alone.

Must never let through an address that any browser would read as another host's.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from libs.common.identity.loopback import is_loopback

LONGEST: Final = 2000
HOME: Final = "/"
# Browsers drop control characters and read a backslash as a slash before they look for a host.
_OWN: Final = re.compile(r"/(?!/)[!#-;=?-\[\]_a-z~]*", re.ASCII)


def own_path(asked: str | None) -> str:
    """`asked` where it is a path of ours (percent-encoded, with its query), else the home page."""
    if asked is None or len(asked) > LONGEST or not _OWN.fullmatch(asked):
        return HOME
    return asked


def origin(url: str) -> str:
    """Scheme, host and port of an address, as a browser's `Origin` has them."""
    parts = urlsplit(url)
    port = (
        f":{parts.port}" if parts.port not in {None, 80 if parts.scheme == "http" else 443} else ""
    )
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def is_confidential(url: str) -> bool:
    """Whether what is sent to `url` stays between the two: https, or this machine alone."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and is_loopback(parts.hostname or "")
