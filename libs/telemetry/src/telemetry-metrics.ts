import type { ProcessLogger } from './logs/logger.ts'
import { Counter, type Registry } from './metrics/client.ts'
import { type CollectableRegistry, RegistryCollector } from './metrics/registry-collector.ts'
import { connectionLimit } from './node-internals/connection-limit.ts'
import type { ExportCounts } from './tracing/export/export-counts.ts'
import type { Tracing } from './tracing/tracing.ts'

/** Registers the metrics of this library itself: exported and dropped spans, dropped log lines, refused connections. */
export function registerTelemetryMetrics(
  registry: Registry,
  sources: {
    readonly tracing: Tracing
    readonly log: ProcessLogger
    readonly registries: readonly CollectableRegistry[]
  },
): void {
  const { counts } = sources.tracing
  new Counter({
    name: 'telemetry_spans_exported_total',
    help: 'Spans that were exported',
    registers: [registry],
    collect() {
      this.reset()
      this.inc(counts.exported)
    },
  })
  new Counter({
    name: 'telemetry_spans_dropped_total',
    help: 'Spans that were dropped: queue_full, export_failed, export_stuck (earlier exports have not ended), rejected (by the collector), shutdown',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [reason, count] of Object.entries(counts.dropped)) this.inc({ reason }, count)
    },
  })
  new Counter({
    name: 'telemetry_log_lines_dropped_total',
    help: 'Log lines that were dropped because standard output was not read, or its disk was full',
    registers: [registry],
    collect() {
      this.reset()
      this.inc(sources.log.droppedLines)
    },
  })
  new Counter({
    name: 'telemetry_connections_refused_total',
    help: 'Connections that were closed immediately because the process has too few descriptors',
    registers: [registry],
    collect() {
      this.reset()
      this.inc(connectionLimit.refused)
    },
  })
  new Counter({
    name: 'telemetry_collect_failures_total',
    help: 'Collections in which a metric kept its last values because its collect function threw or did not settle',
    labelNames: ['metric'],
    registers: [registry],
    collect() {
      this.reset()
      for (const each of sources.registries)
        for (const [metric, count] of RegistryCollector.of(each).failures) this.inc({ metric }, count)
    },
  })
}

/**
 * Registers the metrics of signals other than spans that are sent by OTLP: `telemetry_…_exported_total` and
 * `telemetry_…_dropped_total{reason}`.
 */
export function registerExportMetrics(registry: Registry, name: string, what: string, counts: ExportCounts): void {
  new Counter({
    name: `telemetry_${name}_exported_total`,
    help: `${what} that were exported by OTLP`,
    registers: [registry],
    collect() {
      this.reset()
      this.inc(counts.exported)
    },
  })
  new Counter({
    name: `telemetry_${name}_dropped_total`,
    help: `${what} that were dropped: queue_full, export_failed, rejected (by the collector), shutdown`,
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [reason, count] of Object.entries(counts.dropped)) this.inc({ reason }, count)
    },
  })
}
