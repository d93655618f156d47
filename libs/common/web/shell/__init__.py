"""The page shell: templates, macros and texts that every page shares."""

from libs.common.web.shell.render import Shell

__all__ = ["Shell"]
