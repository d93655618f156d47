"""Traces reach a real OTLP receiver, tied from request to batch by `traceparent`."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import grpc  # type: ignore[import-untyped]
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as messages
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import TracerProvider

from libs.common.telemetry.traces import (
    MAX_LINKS,
    batch_span,
    configure_traces,
    current_traceparent,
    tracer_provider,
)


@dataclass
class Receiver(service.TraceServiceServicer):
    """Keeps what it is sent."""

    resources: list[object] = field(default_factory=list)
    spans: dict[str, Span] = field(default_factory=dict)

    def Export(  # noqa: N802 - the protocol's name
        self, request: messages.ExportTraceServiceRequest, context: grpc.ServicerContext
    ) -> messages.ExportTraceServiceResponse:
        for resource in request.resource_spans:
            self.resources.append(resource.resource)
            for scope in resource.scope_spans:
                self.spans.update({span.name: span for span in scope.spans})
        return messages.ExportTraceServiceResponse()


@pytest.fixture
def receiver() -> Iterator[tuple[Receiver, TracerProvider]]:
    """A receiver on loopback, and a provider that sends to it."""
    server = grpc.server(ThreadPoolExecutor(1))
    kept = Receiver()
    service.add_TraceServiceServicer_to_server(kept, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    provider = tracer_provider("monitor", f"http://127.0.0.1:{port}")
    yield kept, provider
    provider.shutdown()
    server.stop(None).wait()


def test_batch_is_linked_to_the_requests_that_caused_its_events(
    receiver: tuple[Receiver, TracerProvider],
) -> None:
    kept, provider = receiver
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span("request"):
        carried = current_traceparent()
    with batch_span(tracer, "batch", [carried, None, carried, "garbage"], events=3):
        pass
    provider.force_flush()
    request, batch = kept.spans["request"], kept.spans["batch"]
    assert [link.span_id for link in batch.links] == [request.span_id]
    assert [link.trace_id for link in batch.links] == [request.trace_id]
    assert batch.parent_span_id == b""
    assert batch.kind == Span.SPAN_KIND_CONSUMER


def test_service_is_named(receiver: tuple[Receiver, TracerProvider]) -> None:
    kept, provider = receiver
    with batch_span(provider.get_tracer("test"), "batch"):
        pass
    provider.force_flush()
    assert "sunlight-monitor" in str(kept.resources[0])


def test_address_is_blanked(receiver: tuple[Receiver, TracerProvider]) -> None:
    kept, provider = receiver
    attributes = {"url.query": "code=1234", "url.path": "/cases/33010", "http.route": "/cases/{no}"}
    with provider.get_tracer("test").start_as_current_span("page", attributes=attributes):
        pass
    provider.force_flush()
    text = str(kept.spans["page"])
    assert "1234" not in text
    assert "33010" not in text
    assert "/cases/{no}" in text


def test_failed_batch_is_marked_without_the_errors_values(
    receiver: tuple[Receiver, TracerProvider],
) -> None:
    kept, provider = receiver
    with pytest.raises(ValueError, match="张三"), batch_span(provider.get_tracer("t"), "batch"):
        raise ValueError("张三")
    provider.force_flush()
    assert kept.spans["batch"].status.code == 2
    assert kept.spans["batch"].status.message == "ValueError"
    assert not kept.spans["batch"].events


def test_links_are_bounded(receiver: tuple[Receiver, TracerProvider]) -> None:
    kept, provider = receiver
    causes = [f"00-{n:032x}-{n:016x}-01" for n in range(1, 200)]
    with batch_span(provider.get_tracer("test"), "batch", causes):
        pass
    provider.force_flush()
    assert len(kept.spans["batch"].links) == MAX_LINKS


def test_traceparent_is_none_outside_of_a_span() -> None:
    assert current_traceparent() is None


def test_nothing_is_set_up_without_an_endpoint() -> None:
    assert configure_traces("monitor", {}) is None
