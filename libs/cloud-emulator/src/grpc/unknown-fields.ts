import { RpcError } from '../api/rpc-error.ts'
import { decodeInterned } from '../monitoring/model/interned-series.ts'
import { type UnknownField, unknownFieldOf } from '../protos/unknown-field.ts'
import type { Method } from './dispatcher.ts'

/** They are large, so they are not scanned, which would cost as much as decoding them. */
const WRITES_SERIES = /^google\.monitoring\.v3\.MetricService\/Create(?:Service)?TimeSeries$/
const SCANNED = /^google\.monitoring\./

/**
 * Decodes requests, and remembers which ones had fields that are missing in the definitions here: REST rejects unknown
 * names, and over gRPC they must not be accepted and lost either.
 */
export class UnknownFields {
  readonly #found = new WeakMap<object, UnknownField>()

  /** Throws an `Error` if the bytes are not a valid message. */
  decode(method: Method, bytes: Uint8Array): object {
    const name = `${method.service}/${method.name}`
    if (WRITES_SERIES.test(name)) return decodeInterned(() => method.requestType.decode(bytes))
    const request = method.requestType.decode(bytes)
    if (!SCANNED.test(name)) return request
    const found = unknownFieldOf(method.requestType, bytes)
    if (found) this.#found.set(request, found)
    return request
  }

  /** Returns INVALID_ARGUMENT if a request had such a field. */
  refusalOf(request: object): RpcError | undefined {
    const found = this.#found.get(request)
    if (!found) return undefined
    const { number, typeName, path } = found
    return new RpcError(
      'INVALID_ARGUMENT',
      `Unknown field ${number} of ${typeName}${path === '' ? '' : ` at '${path}'`}: this emulator's definitions are older than the client's, and it would be lost.`,
    )
  }
}
