"""Kinds of values that only requests about tenders carry."""

from typing import Annotated

from pydantic import Field

Number = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,59}$")]
Lot = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$")]
Money = Annotated[int, Field(ge=0, le=10**15, description="integer fen (分)")]
