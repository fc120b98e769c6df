import { timestamp } from './time-series.ts'

export const TRACE = '0123456789abcdef0123456789abcdef'
export const SPAN = '0123456789abcdef'
/** The REST path of BatchWriteSpans. */
export const WRITE = '/v2/projects/demo-project/traces:batchWrite'

/** A span of 250 ms in v2 JSON. */
export function spanJson(
  changes: Record<string, unknown> = {},
  ids: { trace?: string; span?: string } = {},
): Record<string, unknown> {
  const { trace = TRACE, span = SPAN } = ids
  return {
    name: `projects/demo-project/traces/${trace}/spans/${span}`,
    spanId: span,
    displayName: { value: 'GET /' },
    startTime: timestamp(0),
    endTime: timestamp(0.25),
    ...changes,
  }
}

/** Strings as the attributes of a v2 span. */
export const attributes = (values: Record<string, string>) => ({
  attributes: {
    attributeMap: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { stringValue: { value } }])),
  },
})
