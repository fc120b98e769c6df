import { debuglog } from 'node:util'

/** Logs what happens inside to stderr, with `NODE_DEBUG=artillery-engine-undici`. */
export const debug = debuglog('artillery-engine-undici')
