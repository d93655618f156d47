"""What may be done to a thing: the shape of the lists that the HTTP face and other callers go by.

Must never decide whether an act is possible: a service's policy does.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

Do = TypeVar("Do")


@dataclass(frozen=True)
class Act(Generic[Do]):
    """One act: `name` as in its address, its `title`, the `body` it takes.

    `do` takes a locked step and a checked body, and raises DomainError where it refuses.
    """

    name: str
    title: str
    body: type[BaseModel]
    do: Do
