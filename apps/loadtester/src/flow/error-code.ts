import { constants } from 'node:os'

const MAX_LENGTH = 200

/** The code of an error, else its message, else its JSON: functions of a script may fail with anything. */
export function errorCodeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const { code, message } = error as { code?: unknown; message?: unknown }
  for (const text of [code, message])
    if ((typeof text === 'string' && text !== '') || typeof text === 'number') return String(text)
  return error instanceof Error ? error.name : jsonOf(error)
}

/** Codes of failed look-ups; the operating system has none for them. */
const LOOKUP_CODES = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME', 'EAI_FAIL']

/** Whether an error is a network error, such as ECONNREFUSED: then a request failed, whatever engine sent it. */
export function isNetworkError(error: unknown): boolean {
  const code = errorCodeOf(error)
  return Object.hasOwn(constants.errno, code) || LOOKUP_CODES.includes(code)
}

/** Where an error was thrown; empty for anything but an error. */
export function tracebackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? '') : ''
}

function jsonOf(value: object): string {
  try {
    return JSON.stringify(value).slice(0, MAX_LENGTH)
  } catch {
    return 'an object without a code or a message'
  }
}
