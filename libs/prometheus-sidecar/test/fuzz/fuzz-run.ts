import { collectGarbage } from '../testing/collect-garbage.ts'
import { type SeededRandom, seededRandom } from '../testing/seeded-random.ts'

/**
 * Limit of CPU time for one input. Elapsed time would depend on what else runs on the machine.
 */
export const MAX_INPUT_MS = 1000
/** Limit of elapsed time for one input. */
const MAX_WAIT_MS = 10_000
/**
 * How often a slow input is run before it counts as a hang: the first run may include compilation and garbage
 * collection of earlier work.
 */
const RUNS_OF_SLOW_INPUT = 3
/** How much the memory in use may change during the run. */
export const MAX_MEMORY_CHANGE_BYTES = 50 * 1024 * 1024

export interface FuzzTarget {
  readonly name: string
  /** Creates one input. */
  input(random: SeededRandom): Buffer
  /** Processes it as the sidecar would. A typed rejection is an outcome; anything thrown is a crash. */
  run(input: Buffer): Outcome | Promise<Outcome>
}

/** `taken`: the input was well-formed. */
export type Outcome = 'taken' | 'refused'

export interface FuzzReport {
  readonly taken: number
  readonly refused: number
  readonly slowestMs: number
  readonly memoryChangeBytes: number
}

/** An input on which the target crashed or hung; the message says how to reproduce it. */
export class FuzzFinding extends Error {
  readonly code = 'ERR_FUZZ_FINDING'
  readonly input: Buffer

  constructor(message: string, input: Buffer, options?: ErrorOptions) {
    super(`${message}\ninput (base64): ${input.toString('base64').slice(0, 4000)}`, options)
    this.name = 'FuzzFinding'
    this.input = input
  }
}

/**
 * Runs a target on `inputs` inputs from a seed. Each input has its own generator, so that it can be reproduced alone.
 *
 * @throws {FuzzFinding} The target crashed, took more than a second in each run of one input, or leaked memory.
 */
export async function fuzz(target: FuzzTarget, options: { seed: number; inputs: number }): Promise<FuzzReport> {
  let taken = 0
  let slowestMs = 0
  const warmUp = Math.min(options.inputs, 1000)
  let memoryBefore = 0
  for (let index = 0; index < options.inputs; index++) {
    if (index === warmUp - 1) memoryBefore = memoryInUse()
    const input = target.input(seededRandom(options.seed + index))
    const where = `${target.name}, seed ${options.seed}, input ${index}`
    const run = await runOfInput(target, input, where)
    const { outcome, tookMs, waitedMs } = run
    if (isSlow(run)) {
      throw new FuzzFinding(
        `${where}: took ${tookMs.toFixed(0)} ms of CPU time, ${waitedMs.toFixed(0)} ms elapsed, in each of ${RUNS_OF_SLOW_INPUT} runs`,
        input,
      )
    }
    slowestMs = Math.max(slowestMs, tookMs)
    if (outcome === 'taken') taken += 1
  }
  const memoryChangeBytes = memoryInUse() - memoryBefore
  if (Math.abs(memoryChangeBytes) > MAX_MEMORY_CHANGE_BYTES) {
    throw new FuzzFinding(
      `${target.name}, seed ${options.seed}: memory changed by ${memoryChangeBytes} bytes`,
      Buffer.alloc(0),
    )
  }
  return { taken, refused: options.inputs - taken, slowestMs, memoryChangeBytes }
}

interface Run {
  readonly outcome: Outcome
  readonly tookMs: number
  readonly waitedMs: number
}

function isSlow({ tookMs, waitedMs }: Run): boolean {
  return tookMs > MAX_INPUT_MS || waitedMs > MAX_WAIT_MS
}

/** The first run that is not slow, or the last of three. */
async function runOfInput(target: FuzzTarget, input: Buffer, where: string): Promise<Run> {
  let run = await timedRun(target, input, where)
  for (let runs = 1; isSlow(run) && runs < RUNS_OF_SLOW_INPUT; runs++) run = await timedRun(target, input, where)
  return run
}

async function timedRun(target: FuzzTarget, input: Buffer, where: string): Promise<Run> {
  const [start, cpuStart] = [performance.now(), process.cpuUsage()]
  let outcome: Outcome
  try {
    outcome = await target.run(input)
  } catch (cause) {
    throw new FuzzFinding(`${where}: crashed: ${cause instanceof Error ? cause.stack : cause}`, input, { cause })
  }
  const { user, system } = process.cpuUsage(cpuStart)
  return { outcome, tookMs: (user + system) / 1000, waitedMs: performance.now() - start }
}

/** Heap and buffers in use after garbage collection. */
function memoryInUse(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
