/** The names by which faults, metrics and logs refer to OTLP's export methods, which are all called `Export`. */
export const EXPORT_NAMES = { traces: 'ExportTraces', metrics: 'ExportMetrics', logs: 'ExportLogs' } as const

export type Signal = keyof typeof EXPORT_NAMES
