import protobuf from 'protobufjs'
import googleApis from './google-apis.json' with { type: 'json' }
import { HAND_WRITTEN_DEFINITIONS } from './hand-written-definitions.ts'

// protobufjs wrote the file in its own JSON form, which its types describe more narrowly than it reads.
/** Every message, enum and service that the emulator knows. */
export const registry: protobuf.Root = protobuf.Root.fromJSON(googleApis as object as protobuf.INamespace)
for (const definitions of HAND_WRITTEN_DEFINITIONS) protobuf.parse(definitions, registry, { keepCase: false })
registry.resolveAll()

/** Turns messages of one type into bytes and back. `T` describes the decoded form. */
export interface MessageCodec<T> {
  readonly type: protobuf.Type
  /** Throws a `RangeError` or `Error` where the bytes are not such a message. */
  decode(bytes: Uint8Array): T
  encode(message: T): Uint8Array
}

/**
 * The codec of a message type by its full name. A decoded message follows protobufjs: enums are numbers, 64-bit integers
 * are `Long` objects, absent messages are `null`, absent scalars have their default, and a oneof's name gives the set member's name.
 */
export function messageCodec<T extends object>(fullName: string): MessageCodec<T> {
  const type = registry.lookupType(fullName)
  return {
    type,
    // protobufjs builds the message from the very definition that `T` describes.
    decode: (bytes) => type.decode(bytes) as object as T,
    encode: (message) => type.encode(message).finish(),
  }
}
