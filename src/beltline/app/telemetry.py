"""Figures for Prometheus and, when a collector is named, traces for OpenTelemetry."""

import contextlib
from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from beltline import __version__
from beltline.app.settings import LogSettings

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The figures of the web processes. Labels are route templates, never raw paths.

    With a `folder` that several processes share, each tells the figures of all.
    """

    def __init__(self, folder: str = "") -> None:
        self._folder = folder
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "beltline_http_requests", "Requests answered",
            ["method", "route", "status"], registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "beltline_http_request_seconds", "Time to answer",
            ["method", "route"], buckets=_BUCKETS_S, registry=self.registry,
        )  # fmt: skip
        self.in_flight = Gauge(
            "beltline_http_in_flight", "Requests being worked on", registry=self.registry,
            multiprocess_mode="livesum",
        )  # fmt: skip
        self.shed = Counter(
            "beltline_http_shed", "Requests refused because of overload", registry=self.registry
        )
        self.csp_reports = Counter(
            "beltline_csp_reports", "Violations of the content security policy",
            registry=self.registry,
        )  # fmt: skip
        self.outbox_waiting = Gauge(
            "beltline_outbox_waiting", "Events not yet published", registry=self.registry,
            multiprocess_mode="mostrecent",
        )  # fmt: skip
        self.outbox_lag_seconds = Gauge(
            "beltline_outbox_lag_seconds", "Age of the oldest event not yet published",
            registry=self.registry, multiprocess_mode="mostrecent",
        )  # fmt: skip

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        if not self._folder:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together, path=self._folder)  # type: ignore[no-untyped-call]
        return generate_latest(together)


class Tracing:
    """Spans of requests, sent to a collector; without an endpoint, nothing at all."""

    def __init__(self, settings: LogSettings, service: str) -> None:
        self._provider, self._tracer = _start(settings.otlp_endpoint, service)

    @contextlib.contextmanager
    def request(self, method: str, request_id: str) -> Iterator[Any]:
        """A span around one request; yields it, or None."""
        if self._tracer is None:
            yield None
            return
        with self._tracer.start_as_current_span(method) as span:
            span.set_attribute("http.request.method", method)
            span.set_attribute("beltline.request_id", request_id)
            yield span

    def stop(self) -> None:
        """Send what is left."""
        if self._provider is not None:
            self._provider.shutdown()


def _start(endpoint: str, service: str) -> tuple[Any, Any]:
    if not endpoint:
        return None, None
    # Heavy, and of no use to whoever names no collector.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    resource = Resource.create({"service.name": service, "service.version": __version__})
    provider = TracerProvider(resource=resource)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider, provider.get_tracer("beltline")
