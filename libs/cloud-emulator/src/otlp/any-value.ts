import { type Int64Like, int64ToBigInt, int64ToNumber } from '../protos/int64.ts'

/** `opentelemetry.proto.common.v1.AnyValue`. */
export interface AnyValueMessage {
  value?: string
  stringValue?: string
  boolValue?: boolean
  intValue?: Int64Like
  doubleValue?: number
  arrayValue?: { values: AnyValueMessage[] } | null
  kvlistValue?: { values: KeyValueMessage[] } | null
  bytesValue?: Uint8Array
}

export interface KeyValueMessage {
  key: string
  value?: AnyValueMessage | null
}

export interface ResourceMessage {
  attributes: KeyValueMessage[]
}

export interface ScopeMessage {
  name: string
  version: string
}

export type PlainValue = string | number | boolean | null | PlainValue[] | { [key: string]: PlainValue }

/** A value as JSON: bytes as Base64, a missing one as null. */
export function plainValue(message: AnyValueMessage | null | undefined): PlainValue {
  switch (message?.value) {
    case 'stringValue':
      return message.stringValue ?? ''
    case 'boolValue':
      return message.boolValue ?? false
    case 'intValue':
      return int64ToNumber(message.intValue ?? 0)
    case 'doubleValue':
      return message.doubleValue ?? 0
    case 'arrayValue':
      return (message.arrayValue?.values ?? []).map(plainValue)
    case 'kvlistValue':
      return plainAttributes(message.kvlistValue?.values ?? [])
    case 'bytesValue':
      return Buffer.from(message.bytesValue ?? []).toString('base64')
    default:
      return null
  }
}

/** Attributes as a JSON object. */
export function plainAttributes(list: readonly KeyValueMessage[]): { [key: string]: PlainValue } {
  const attributes: { [key: string]: PlainValue } = {}
  for (const { key, value } of list) attributes[key] = plainValue(value)
  return attributes
}

/** A value as a string: a string unchanged, anything else as JSON, a missing one as the empty string. */
export function textValue(value: PlainValue): string {
  if (typeof value === 'string') return value
  return value === null ? '' : JSON.stringify(value)
}

/** Attributes as strings, for resources and labels. */
export function textAttributes(list: readonly KeyValueMessage[]): Map<string, string> {
  const attributes = new Map<string, string>()
  for (const { key, value } of list) attributes.set(key, textValue(plainValue(value)))
  return attributes
}

/** Nanoseconds since the epoch as whole microseconds. */
export function microsOf(nanoseconds: Int64Like): number {
  return Number(BigInt.asUintN(64, int64ToBigInt(nanoseconds)) / 1000n)
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
