import type protobuf from 'protobufjs'
import { fromJson } from '../protos/proto-json.ts'

const ID_FIELDS = new Set(['traceId', 'spanId', 'parentSpanId', 'trace_id', 'span_id', 'parent_span_id'])
const HEX = /^(?:[0-9a-fA-F]{2})*$/

/** Parses OTLP/JSON, which is proto3 JSON with hexadecimal IDs and unknown fields ignored. Throws INVALID_ARGUMENT. */
export function otlpFromJson(type: protobuf.Type, json: unknown): object {
  return fromJson(type, idsToBase64(json), '', { ignoreUnknown: true })
}

function idsToBase64(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(idsToBase64)
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      ID_FIELDS.has(key) && typeof value === 'string' && HEX.test(value)
        ? Buffer.from(value, 'hex').toString('base64')
        : idsToBase64(value),
    ]),
  )
}
