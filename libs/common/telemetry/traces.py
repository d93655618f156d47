"""Traces: one span per request and per batch, carried along with events.

An event's `traceparent` (W3C Trace Context) links the batch that handles it to the request that
caused it. Must never have a span per event (each costs about 45 µs), nor an address's query.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
MAX_LINKS: Final = 32
"""Links a batch keeps: enough to find each kind of cause, bounded like the span itself."""
PRIVATE: Final = ("url.query", "url.path", "url.full")
_PROPAGATOR: Final = TraceContextTextMapPropagator()


class WithoutAddresses(SpanProcessor):
    """Blanks what an address tells: paths name cases, queries hold query codes."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Overwrite the private attributes that the span starts with."""
        for name in PRIVATE:
            if name in (span.attributes or {}):
                span.set_attribute(name, "")


def configure_traces(service: str, env: Mapping[str, str] = os.environ) -> TracerProvider | None:
    """Set the process's tracer provider; None, and nothing set, without `ENDPOINT` in `env`.

    The caller shuts the provider down, which sends what is left.
    """
    endpoint = env.get(ENDPOINT)
    if not endpoint:
        return None
    provider = tracer_provider(service, endpoint)
    trace.set_tracer_provider(provider)
    return provider


def tracer_provider(service: str, endpoint: str) -> TracerProvider:
    """A provider that sends to an OTLP gRPC `endpoint`, in plain text for `http:` addresses."""
    # Imported here: gRPC costs every process some 20 MB that sends no traces.
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    resource = Resource.create({"service.name": f"sunlight-{service}"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(WithoutAddresses())
    exporter = OTLPSpanExporter(endpoint=endpoint, insecure=not endpoint.startswith("https:"))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def current_traceparent() -> str | None:
    """The current span as a `traceparent` for an event; None outside of any span."""
    if not trace.get_current_span().get_span_context().is_valid:
        return None
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def batch_span(
    tracer: Tracer, name: str, links: Iterable[str | None] = (), **attributes: str | int
) -> Iterator[trace.Span]:
    """A span over one batch, linked to the `traceparent`s of its events (first `MAX_LINKS`).

    Attributes are counts and topic names; an error that leaves the block marks the span. Where
    no traces are collected nothing is looked at.
    """
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider) and isinstance(
        tracer, trace.ProxyTracer
    ):
        yield trace.INVALID_SPAN
        return
    kept = _links(links)
    with tracer.start_as_current_span(
        name,
        kind=SpanKind.CONSUMER,
        links=kept,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except BaseException as error:
            # The type alone: an error's text may hold what an event held.
            span.set_status(StatusCode.ERROR, type(error).__qualname__)
            raise


def _links(traceparents: Iterable[str | None]) -> list[Link]:
    found: list[Link] = []
    for traceparent in dict.fromkeys(filter(None, traceparents)):
        context = _PROPAGATOR.extract({"traceparent": traceparent})
        linked = trace.get_current_span(context).get_span_context()
        if linked.is_valid:
            found.append(Link(linked))
        if len(found) == MAX_LINKS:
            break
    return found
