"""What every code of this package has in common: cleaning, masking, and the error.

A code in an error message or a log is always masked: it may be a person's, or be taken for one.
"""

MASK = "*"


class CodeError(ValueError):
    """A code that isn't valid. `masked` may be shown and logged; the value itself is not kept."""

    def __init__(self, field: str, masked: str, message: str) -> None:
        self.field, self.masked, self.message = field, masked, message
        super().__init__(f"{field} {masked}: {message}")


def clean(value: str) -> str:
    """The code as the standards write it: no blanks around it, letters in upper case."""
    return value.strip().upper()


def mask(value: str, first: int, last: int) -> str:
    """`value` with all but its `first` and `last` characters hidden; hidden whole if too short."""
    hidden = len(value) - first - last
    if hidden <= 0:
        return MASK * len(value)
    return value[:first] + MASK * hidden + value[len(value) - last :]
