import { debuglog } from 'node:util'

/** Logs where each value comes from to stderr, with `NODE_DEBUG=command-line`; secrets are hidden. */
const debug = debuglog('command-line')

/** Logs a value that was given in `source`; `shownValue` is already printable. */
export function logGiven(name: string, shownValue: string, source: string): void {
  debug('%s: %s from %s', name, shownValue, source)
}

/** Logs that a value was not given, and its default. */
export function logDefault(name: string, value: unknown, { secret }: { readonly secret: boolean }): void {
  debug('%s: default %j', name, secret ? '(hidden)' : value)
}
