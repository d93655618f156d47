"""Recorded files in, contract events out in merged order; knows neither bus nor database."""

from sunlight.recording.faults import (
    Counts,
    MappingError,
    RecordingError,
    Reject,
    RejectLog,
)
from sunlight.recording.mapping import RecordingMapping, RuleUse
from sunlight.recording.mapping_file import load_mapping, shipped
from sunlight.recording.recording import EncodedEvent, Recording

__all__ = [
    "Counts",
    "EncodedEvent",
    "MappingError",
    "Recording",
    "RecordingError",
    "RecordingMapping",
    "Reject",
    "RejectLog",
    "RuleUse",
    "load_mapping",
    "shipped",
]
