import { debuglog } from 'node:util'

/** Logs what happens inside to stderr, with `NODE_DEBUG=telemetry`. */
export const debug = debuglog('telemetry')
