import { START_SECONDS } from './time-series.ts'

/** RFC 3339 at seconds after `START_SECONDS`. */
export function timeAt(seconds: number): string {
  return new Date((START_SECONDS + seconds) * 1000).toISOString()
}

/** An entry in the JSON of WriteLogEntries. */
export function entryOf(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    logName: 'projects/demo-project/logs/app',
    resource: { type: 'global', labels: {} },
    timestamp: timeAt(0),
    textPayload: 'hello',
    ...changes,
  }
}
