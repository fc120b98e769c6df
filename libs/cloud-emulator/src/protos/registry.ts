import protobuf from 'protobufjs'
import googleApis from './google-apis.json' with { type: 'json' }
import { HAND_WRITTEN_DEFINITIONS } from './hand-written-definitions.ts'

/**
 * All messages, enums and services of the emulator. The cast is needed because protobufjs' types for its JSON format
 * are too narrow.
 */
export const registry: protobuf.Root = protobuf.Root.fromJSON(googleApis as object as protobuf.INamespace)
for (const definitions of HAND_WRITTEN_DEFINITIONS) protobuf.parse(definitions, registry, { keepCase: false })
registry.resolveAll()

/** Encodes and decodes messages of one type. `T` describes the decoded form. */
export interface MessageCodec<T> {
  readonly type: protobuf.Type
  /** Throws a `RangeError` or `Error` if the bytes are not a valid message. */
  decode(bytes: Uint8Array): T
  encode(message: T): Uint8Array
}

/**
 * The codec of a message type. Messages are decoded as protobufjs does: enums are numbers, 64-bit integers are `Long`
 * objects, missing messages are `null`, missing scalars have their default, and the property named after a oneof
 * contains the name of its set member.
 */
export function messageCodec<T extends object>(fullName: string): MessageCodec<T> {
  const type = registry.lookupType(fullName)
  return {
    type,
    // T describes this very type.
    decode: (bytes) => type.decode(bytes) as object as T,
    encode: (message) => type.encode(message).finish(),
  }
}
