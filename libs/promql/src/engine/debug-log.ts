import { debuglog } from 'node:util'

/** Logs evaluated queries to stderr, with `NODE_DEBUG=promql`. */
export const debug = debuglog('promql')
