"""Events of foreign systems that reach the platform through the monitor's intake.

The subject is of the foreign system's own namespace, `<system>/<local id>`; the intake gives the
sequence. A foreign subject is tied to a case only by a join, never by its name.
"""

from __future__ import annotations

from pydantic import Field

from libs.common.events.payload import Code, Payload


class LicenceIssued(Payload, type="cn.sunlight.registry.licence.issued.v1"):
    """A department's system issued a licence (证照签发)."""

    licence_no: Code
    item_code: Code | None = None
    case_no: Code | None = Field(None, description="the hall's case number, where it is known")


class FineCreated(Payload, type="cn.sunlight.registry.fine.created.v1"):
    """A fine was created in a department's system."""


class FineSent(Payload, type="cn.sunlight.registry.fine.sent.v1"):
    """The fine was sent to the person fined."""


class FineNotified(Payload, type="cn.sunlight.registry.fine.notified.v1"):
    """The notification of the fine was recorded."""


class FineAppealed(Payload, type="cn.sunlight.registry.fine.appealed.v1"):
    """The person fined appealed; a right, never a duty."""


class RecordObserved(Payload, type="cn.sunlight.registry.record.observed.v1"):
    """Something else was recorded in a foreign system; no rule of ours starts or stops on it."""

    activity: Code | None = None
