import { Agent, request } from 'node:http'

/** What came of a load. */
export interface LoadResult {
  readonly sent: number
  readonly answered: number
  /** Requests without an answer, by the code of their error. */
  readonly failures: ReadonlyMap<string, number>
}

/** A load that runs. */
export interface SteadyLoad {
  /** Connections that are open, each of which can have one request under way. */
  readonly connections: number
  /** Ends the load and waits for the last answers. */
  stop(): Promise<LoadResult>
}

const TICK_MS = 10
/** Long, since a busy machine is slow, and only what is never answered is a failure. */
const TIMEOUT_MS = 20_000

/** Sends requests at a steady rate, whatever becomes of them: half on kept connections, half each on a new one. */
export function startSteadyLoad(url: string, ratePerSecond: number): SteadyLoad {
  const kept = new Agent({ keepAlive: true, maxSockets: 64 })
  const failures = new Map<string, number>()
  const startedAt = performance.now()
  let sent = 0
  let answered = 0
  let inFlight = 0
  let onIdle = () => {}

  const settle = (failure?: NodeJS.ErrnoException) => {
    inFlight--
    if (failure === undefined) answered++
    else failures.set(failure.code ?? failure.message, (failures.get(failure.code ?? failure.message) ?? 0) + 1)
    if (inFlight === 0) onIdle()
  }
  const send = () => {
    inFlight++
    const agent = sent++ % 2 === 0 ? kept : false
    let isComplete = false
    let failure: Error | undefined
    const sending = request(url, { agent }, (response) => {
      response.resume().once('end', () => {
        isComplete = true
      })
    })
    let impatience: NodeJS.Timeout | undefined
    // From the moment it has a connection: what waits for one here, on a busy machine, is no fault of the service.
    sending.once('socket', () => {
      impatience = setTimeout(() => sending.destroy(new Error('no answer')), TIMEOUT_MS)
    })
    sending.once('error', (error) => {
      failure = error
    })
    sending.once('close', () => {
      clearTimeout(impatience)
      settle(isComplete ? undefined : (failure ?? new Error('cut off')))
    })
    sending.end()
  }
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * ratePerSecond
    while (sent < due) send()
  }, TICK_MS)

  return {
    get connections() {
      const idle = Object.values(kept.freeSockets).reduce((count, sockets) => count + (sockets?.length ?? 0), 0)
      return idle + inFlight
    },
    async stop() {
      clearInterval(timer)
      if (inFlight > 0)
        await new Promise<void>((resolve) => {
          onIdle = resolve
        })
      kept.destroy()
      return { sent, answered, failures }
    },
  }
}
