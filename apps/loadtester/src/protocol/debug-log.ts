import { debuglog } from 'node:util'

/** Logs what happens inside to stderr, with `NODE_DEBUG=loadtester`. */
export const debug = debuglog('loadtester')
