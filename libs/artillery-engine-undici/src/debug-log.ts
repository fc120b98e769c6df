import { debuglog } from 'node:util'

/** Logs internal events to stderr, with `NODE_DEBUG=artillery-engine-undici`. */
export const debug = debuglog('artillery-engine-undici')
