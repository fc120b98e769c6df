import type { Measurement } from '@node-to-cloud/bench'
import type { ServerUnderTest, Work } from './server-under-test.ts'

/**
 * The seconds of load before anything counts, until V8 has compiled the hot code. The baseline is warmed up too, since
 * V8 discards compiled code in a process that waits.
 */
const WARM_UP_TURNS = 3
const WARM_UP_SECONDS = { server: 2, baseline: 1 } as const

const COUNTED_TURNS = 3
const COUNTED_SECONDS = 1

/**
 * Loads a server and the baseline in turn, a second each, so that a moment in which the machine is slow affects both.
 *
 * @param server - just started
 * @param baseline - has been under load before
 * @returns how many requests each answered per second of its CPU time
 */
export async function measureInTurn(server: ServerUnderTest, baseline: ServerUnderTest): Promise<Measurement> {
  for (let turn = 0; turn < WARM_UP_TURNS; turn++) {
    await server.loadFor(WARM_UP_SECONDS.server)
    await baseline.loadFor(WARM_UP_SECONDS.baseline)
  }
  const ofServer: Work[] = []
  const ofBaseline: Work[] = []
  for (let turn = 0; turn < COUNTED_TURNS; turn++) {
    ofServer.push(await server.loadFor(COUNTED_SECONDS))
    ofBaseline.push(await baseline.loadFor(COUNTED_SECONDS))
  }
  return { value: requestsPerCpuSecond(ofServer), baseline: requestsPerCpuSecond(ofBaseline) }
}

/** Over all turns. */
export function requestsPerCpuSecond(turns: readonly Work[]): number {
  const sum = (of: (work: Work) => number) => turns.reduce((total, work) => total + of(work), 0)
  return sum(({ requests }) => requests) / sum(({ cpuSeconds }) => cpuSeconds)
}
