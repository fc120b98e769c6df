import { createServer } from 'node:http'

/**
 * A target that does as little as it can. `/count` says how many requests it had, `/arrivals` how many in each slot of
 * 10 ms: a list of `[slot, requests]`, where the slot is the time in ms since the epoch, divided by 10.
 * Usage: `node hello-server.ts PORT`
 */
const slotMs = 10
const keptSlots = 6000
const arrivals = new Map<number, number>()
let requests = 0
const server = createServer((request, response) => {
  if (request.url === '/count') {
    response.end(String(requests))
    return
  }
  if (request.url === '/arrivals') {
    response.end(JSON.stringify([...arrivals]))
    return
  }
  requests++
  const slot = Math.floor(Date.now() / slotMs)
  const inSlot = arrivals.get(slot)
  arrivals.set(slot, (inSlot ?? 0) + 1)
  const oldest = arrivals.keys().next().value
  if (inSlot === undefined && arrivals.size > keptSlots && oldest !== undefined) arrivals.delete(oldest)
  response.end('Hello World!')
})
server.keepAliveTimeout = 60_000
server.listen(Number(process.argv[2]), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
