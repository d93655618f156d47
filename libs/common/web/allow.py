"""The methods of one address, for the `Allow` header of a 405.

FastAPI names only those of the first route that matches the path. Must never run a handler.
"""

from fastapi import Request
from fastapi.routing import iter_route_contexts


def allowed_methods(request: Request) -> str:
    """The methods that any route of the application has at this path, sorted."""
    path = request.url.path
    found: set[str] = set()
    for context in iter_route_contexts(request.app.routes):
        pattern = getattr(context, "path_regex", None)
        if pattern is not None and context.methods and pattern.match(path):
            found |= context.methods
    return ", ".join(sorted(found))
