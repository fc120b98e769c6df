// Sends a span, a counter, a histogram, a gauge and a log line with OpenTelemetry's SDK, configured by the environment,
// and prints the trace's ID.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

func main() {
	traceID, err := send(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(traceID)
}

func send(ctx context.Context) (string, error) {
	spanExporter, spanError := autoexport.NewSpanExporter(ctx)
	reader, metricError := autoexport.NewMetricReader(ctx)
	logExporter, logError := autoexport.NewLogExporter(ctx)
	if err := errors.Join(spanError, metricError, logError); err != nil {
		return "", err
	}
	tracers := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spanExporter))
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	loggers := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(logExporter)))

	spanCtx, span := tracers.Tracer("peer").Start(ctx, "peer-span")
	if err := record(spanCtx, meters.Meter("peer")); err != nil {
		return "", err
	}
	var line log.Record
	line.SetSeverity(log.SeverityWarn)
	line.SetBody(attribute.StringValue("peer log line"))
	line.AddAttributes(attribute.Int("order", 17))
	loggers.Logger("peer").Emit(spanCtx, line)
	span.End()
	return span.SpanContext().TraceID().String(), errors.Join(
		tracers.Shutdown(ctx), meters.Shutdown(ctx), loggers.Shutdown(ctx))
}

func record(ctx context.Context, meter metric.Meter) error {
	orders, ordersError := meter.Float64Counter("peer_orders")
	duration, durationError := meter.Float64Histogram("peer_duration")
	level, levelError := meter.Float64Gauge("peer_level")
	if err := errors.Join(ordersError, durationError, levelError); err != nil {
		return err
	}
	orders.Add(ctx, 3, metric.WithAttributes(attribute.String("shop", "north")))
	duration.Record(ctx, 0.25)
	level.Record(ctx, 7)
	return nil
}
