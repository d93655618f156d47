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

Attributes = dict[str, str]
Handlers = tuple[Callable[[str, Attributes], None], Callable[[str], None]]
Trace = tuple[Attributes, list[Attributes]]


def _refuse(what: str) -> Any:
    def handler(*_: object) -> None:
        raise UnusableError("xml-forbidden", what, f"{what} is not allowed in a recording")

    return handler


class _Reader:
    """Three pairs of handlers, swapped at trace and event: few operations per attribute.

    Each pair counts how deep it is in elements it skips; at 0 it is at its own level.
    """

    def __init__(self) -> None:
        self.traces: list[Trace] = []
        self.trace: Attributes = {}
        self.events: list[Attributes] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = False
        self.parser.StartDoctypeDeclHandler = _refuse("document type declaration")
        self.parser.EntityDeclHandler = _refuse("entity declaration")
        self.parser.UnparsedEntityDeclHandler = _refuse("unparsed entity")
        self.parser.ExternalEntityRefHandler = _refuse("external entity")
        self._log = self._log_handlers()
        self._trace = self._trace_handlers()
        self._event = self._event_handlers()
        self._use(self._log)

    def _use(self, handlers: Handlers) -> None:
        self.parser.StartElementHandler, self.parser.EndElementHandler = handlers

    def finish_trace(self) -> None:
        """Hand over what the trace has so far."""
        self.traces.append((self.trace, self.events))
        self.trace, self.events = {}, []

    def _log_handlers(self) -> Handlers:
        depth = 0

        def start(tag: str, _: Attributes) -> None:
            nonlocal depth
            if depth == 0 and tag != "log":
                raise UnusableError("xes", tag, f"the root element is <{tag}>, not <log>")
            if depth == 1 and tag == "trace":
                self._use(self._trace)
            else:
                depth += 1

        def end(_: str) -> None:
            nonlocal depth
            depth -= 1

        return start, end

    def _trace_handlers(self) -> Handlers:
        depth = 0

        def start(tag: str, attributes: Attributes) -> None:
            nonlocal depth
            if depth == 0 and tag == "event":
                self._use(self._event)
                return
            if depth == 0 and "key" in attributes:
                self.trace[attributes["key"]] = attributes.get("value", "")
            depth += 1

        def end(_: str) -> None:
            nonlocal depth
            if depth:
                depth -= 1
                return
            self.finish_trace()
            self._use(self._log)

        return start, end

    def _event_handlers(self) -> Handlers:
        depth = 0
        event: Attributes = {}

        def start(_: str, attributes: Attributes) -> None:
            nonlocal depth
            if not depth and "value" in attributes:
                event[attributes.get("key", "")] = attributes["value"]
            depth += 1

        def end(_: str) -> None:
            nonlocal depth, event
            if depth:
                depth -= 1
                return
            self.events.append(event)
            event = {}
            self._use(self._trace)

        return start, end


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
        if fault and (reader.trace or reader.events):
            reader.finish_trace()
        yield from reader.traces
        reader.traces.clear()
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
