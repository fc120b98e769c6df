import type { Measurement } from '@node-to-cloud/bench'
import type { ServerUnderTest, Work } from './server-under-test.ts'

/**
 * The seconds of load before anything counts, until V8 has compiled what is hot. The baseline has its share, since V8 throws compiled code away in a
 * process that waits.
 */
const WARM_UP_TURNS = 3
const WARM_UP_SECONDS = { server: 2, baseline: 1 } as const

const COUNTED_TURNS = 3
const COUNTED_SECONDS = 1

/**
 * Loads a server and the baseline in turn, a second each, so that a moment in which the machine is slow is a moment of both.
 *
 * @param server - just started
 * @param baseline - has been under load before
 * @returns the requests that each answered for each second of its CPU time
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

/** Of all turns together. */
export function requestsPerCpuSecond(turns: readonly Work[]): number {
  const sum = (of: (work: Work) => number) => turns.reduce((total, work) => total + of(work), 0)
  return sum(({ requests }) => requests) / sum(({ cpuSeconds }) => cpuSeconds)
}
