import { debuglog } from 'node:util'

/** Logs internal events to stderr, with `NODE_DEBUG=telemetry`. */
export const debug = debuglog('telemetry')
