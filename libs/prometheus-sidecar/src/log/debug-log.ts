import { debuglog } from 'node:util'

/** Logs what happens inside to stderr, with `NODE_DEBUG=prometheus-sidecar`. */
export const debug = debuglog('prometheus-sidecar')
