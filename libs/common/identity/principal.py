"""Who has signed in: a subject of an issuer, acting from a post.

Must never hold a person's name, nor anything that signs in by itself (a token, a password).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """A post with its office, region and roles, and which subject of which issuer stands for it.

    `region` is a 行政区划代码 of 6, 9 or 12 digits; `roles` are keys of `roles.yaml`.
    """

    issuer: str
    subject: str
    post: str
    office: str
    region: str
    roles: frozenset[str]
