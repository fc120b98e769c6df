import { RpcError } from '../../api/rpc-error.ts'
import { shortened } from '../../api/shortened.ts'

/** An invalid query: INVALID_ARGUMENT with the position. */
export class QueryError extends RpcError {
  /** The index of the character. */
  readonly position: number

  constructor(query: string, options: { position: number; token: string; reason: string }) {
    const { position, token, reason } = options
    const before = query.slice(0, position)
    const line = before.split('\n').length
    const column = position - (before.lastIndexOf('\n') + 1) + 1
    const shown = token === '' ? 'the end' : `token '${shortened(token, 50)}'`
    super('INVALID_ARGUMENT', `Unparseable filter: syntax error at line ${line}, column ${column}, ${shown}: ${reason}`)
    this.name = 'QueryError'
    this.position = position
  }
}
