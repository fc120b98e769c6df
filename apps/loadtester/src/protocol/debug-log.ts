import { debuglog } from 'node:util'

/** Logs what happens between master, workers and engines, with `NODE_DEBUG=loadtester`. */
export const debug = debuglog('loadtester')
