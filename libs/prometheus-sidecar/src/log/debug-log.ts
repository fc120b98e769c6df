import { debuglog } from 'node:util'

/** Logs internal events to stderr, with `NODE_DEBUG=prometheus-sidecar`. */
export const debug = debuglog('prometheus-sidecar')
