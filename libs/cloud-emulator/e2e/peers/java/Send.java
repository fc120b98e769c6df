import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.concurrent.TimeUnit;

/**
 * Sends a span, a counter, a histogram, a gauge and a log line, configured by the environment, and prints the trace's
 * ID.
 */
public class Send {
  public static void main(String[] args) {
    OpenTelemetrySdk sdk = AutoConfiguredOpenTelemetrySdk.builder().build().getOpenTelemetrySdk();
    System.out.println(send(sdk));
    sdk.shutdown().join(10, TimeUnit.SECONDS);
  }

  private static String send(OpenTelemetry telemetry) {
    Span span = telemetry.getTracer("peer").spanBuilder("peer-span").startSpan();
    try (Scope scope = span.makeCurrent()) {
      Meter meter = telemetry.getMeter("peer");
      meter
          .counterBuilder("peer_orders")
          .build()
          .add(3, Attributes.of(AttributeKey.stringKey("shop"), "north"));
      meter.histogramBuilder("peer_duration").setUnit("s").build().record(0.2);
      meter.gaugeBuilder("peer_level").build().set(7);
      telemetry
          .getLogsBridge()
          .get("peer")
          .logRecordBuilder()
          .setSeverity(Severity.WARN)
          .setBody("peer log line")
          .setAttribute(AttributeKey.longKey("order"), 17L)
          .emit();
    }
    span.end();
    return span.getSpanContext().getTraceId();
  }
}
