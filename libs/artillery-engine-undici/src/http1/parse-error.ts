import { EngineError } from '../artillery/errors.ts'

/** What is wrong with a response, by the `HPE_*` codes of Node's own parser, which Artillery counts. */
export class ParseError extends EngineError {
  /** @param code without `HPE_` */
  constructor(code: string, message: string) {
    super(`HPE_${code}`, `Invalid HTTP/1.1 response: ${message}`)
    this.name = 'ParseError'
  }
}
