"""Reading XES event logs (IEEE 1849) as a stream, in constant memory.

Entity declarations and document types are refused before anything is expanded, as defusedxml
does. Attributes inside attributes and attributes of the log itself are skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final
from xml.parsers import expat

from sunlight.recording.faults import UnusableError
from sunlight.recording.files import Stream

MAX_TOKEN: Final = 4 * 1024 * 1024

_LOG, _TRACE, _EVENT = 1, 2, 3
"""How many elements are open directly inside each."""

Attributes = dict[str, str]
Trace = tuple[Attributes, list[Attributes]]


def _refuse(what: str) -> Any:
    def handler(*_: object) -> None:
        raise UnusableError("xml-forbidden", what, f"{what} is not allowed in a recording")

    return handler


class _Reader:
    """The traces of what was parsed so far.

    An end of an element is only counted, by a list's own `append`: how deep a start stands follows
    from the counts, and what had ended before it from its depth. Calls into Python are what
    reading costs most of its time for.
    """

    def __init__(self) -> None:
        self.traces: list[Trace] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = False
        self.parser.StartDoctypeDeclHandler = _refuse("document type declaration")
        self.parser.EntityDeclHandler = _refuse("entity declaration")
        self.parser.UnparsedEntityDeclHandler = _refuse("unparsed entity")
        self.parser.ExternalEntityRefHandler = _refuse("external entity")
        self._ends: list[str] = []
        self._open = 0
        self._in_trace = self._in_event = False
        self._trace: Attributes = {}
        self._events: list[Attributes] = []
        self.parser.StartElementHandler = self._start_handler()
        self.parser.EndElementHandler = self._ends.append

    def _start_handler(self) -> Callable[[str, Attributes], None]:
        ends = self._ends
        event: Attributes = {}

        def start(tag: str, attributes: Attributes) -> None:
            nonlocal event
            depth = self._open - len(ends)
            self._open += 1
            if depth == _EVENT:
                if self._in_event and "value" in attributes:
                    event[attributes.get("key", "")] = attributes["value"]
            elif depth == _TRACE:
                if self._in_trace:
                    self._in_event = tag == "event"
                    if self._in_event:
                        event = {}
                        self._events.append(event)
                    elif "key" in attributes:
                        self._trace[attributes["key"]] = attributes.get("value", "")
            elif depth <= _LOG:
                self._start_outside(depth, tag)

        return start

    def _start_outside(self, depth: int, tag: str) -> None:
        if depth < _LOG and tag != "log":
            raise UnusableError("xes", tag, f"the root element is <{tag}>, not <log>")
        self._finish_trace()
        self._in_event = False
        self._in_trace = depth == _LOG and tag == "trace"

    def _finish_trace(self) -> None:
        if self._in_trace:
            self.traces.append((self._trace, self._events))
            self._trace, self._events = {}, []
            self._in_trace = False

    def take(self, *, cut: bool) -> list[Trace]:
        """The traces that have ended; if the log is `cut` off here, also what is whole of the last.

        Called between two chunks.
        """
        self._open -= len(self._ends)
        self._ends.clear()
        if self._open < _TRACE:
            self._finish_trace()
        elif cut:
            if self._in_event and self._open >= _EVENT:
                self._events.pop()
            if self._trace or self._events:
                self._finish_trace()
        traces, self.traces = self.traces, []
        return traces


def place(parser: expat.XMLParserType) -> str:
    """Where the parser stands."""
    return f"line {parser.CurrentLineNumber}, column {parser.CurrentColumnNumber + 1}"


def traces(stream: Stream) -> Iterator[Trace]:
    """The traces of a log: their attributes and, in file order, those of their events.

    Raises:
        UnusableError: broken packing or XML, or something forbidden; with the place.
            All complete events before the fault have been given.
    """
    reader = _Reader()
    fault: UnusableError | None = None
    ended = False
    while not ended and fault is None:
        try:
            data = stream.read()
            ended = not data
            _feed(reader, stream, data)
        except UnusableError as error:
            fault = UnusableError(error.code, error.field, str(error), place(reader.parser))
        yield from reader.take(cut=fault is not None)
    if fault:
        raise fault


def _feed(reader: _Reader, stream: Stream, data: bytes) -> None:
    parser = reader.parser
    try:
        parser.Parse(data, not data)
    except UnusableError:
        raise
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise UnusableError("xml", "", f"not well-formed XML: {reason}") from error
    except (LookupError, ValueError) as error:
        raise UnusableError("xml", "encoding", f"cannot be decoded: {error}") from error
    if stream.offset - max(parser.CurrentByteIndex, 0) > MAX_TOKEN:
        raise UnusableError("too-long", "", f"one tag or text is longer than {MAX_TOKEN} bytes")
