import { messageOf } from './message-of.ts'

const PROBLEMS: readonly (readonly [code: RegExp, problem: string])[] = [
  [/\bEADDRINUSE\b/, 'another process has this port; end it or choose another port'],
  [/\bEADDRNOTAVAIL\b/, 'this machine does not have this address; choose one that it has, such as 127.0.0.1'],
  [/\bEACCES\b/, 'this user may not listen on this port; choose one above 1023'],
  [
    /\b(?:ENOTFOUND|EAI_AGAIN)\b/,
    'this host name has no address; choose an address of this machine, such as 127.0.0.1',
  ],
]

/** A server can't listen on an address. A main program exits with its `exitCode`, 1. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  readonly code = 'ERR_LISTEN'
  readonly exitCode = 1

  /**
   * @param address such as `127.0.0.1:9091`
   * @param setting the option or variable that holds it, such as `--web.listen-address`
   */
  constructor(address: string, cause: unknown, setting?: string) {
    const prefix = setting === undefined ? '' : `${setting}: `
    super(`${prefix}can't listen on ${address}: ${listenProblem(cause) ?? messageOf(cause)}`, { cause })
  }
}

/** Why a server can't listen, and what to do about it; undefined for an error that is not explained here. */
export function listenProblem(error: unknown): string | undefined {
  // gRPC only passes on the system's message, which contains the code.
  const message = messageOf(error)
  return PROBLEMS.find(([code]) => code.test(message))?.[1]
}
