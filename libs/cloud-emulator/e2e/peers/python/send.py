"""Sends a span, three metrics and a log line by OTLP: http or grpc, depending on the first argument."""
import sys

from opentelemetry import trace
from opentelemetry._logs import SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

if sys.argv[1] == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
else:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

tracers = TracerProvider()
tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])
loggers = LoggerProvider()
loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))

with tracers.get_tracer("peer").start_as_current_span("peer-span") as span:
    meter = meters.get_meter("peer")
    meter.create_counter("peer_orders").add(3, {"shop": "north"})
    meter.create_histogram("peer_duration", unit="s").record(0.2)
    meter.create_gauge("peer_level").set(7)
    loggers.get_logger("peer").emit(
        severity_number=SeverityNumber.WARN, body="peer log line", attributes={"order": 17}
    )
print(trace.format_trace_id(span.get_span_context().trace_id))
for provider in (tracers, meters, loggers):
    provider.shutdown()
