import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The limits of a control group. */
export interface ControlGroupLimits {
  readonly cpus?: number
  readonly memoryBytes?: number
}

const ROOT = '/sys/fs/cgroup'
const PERIOD_MICROSECONDS = 100_000

/** A Linux control group for a test: version 2, or version 1 if the machine uses that. */
export class ControlGroup {
  readonly #folders: readonly string[]

  /** @throws if this process may not create control groups */
  constructor(name: string, { cpus, memoryBytes }: ControlGroupLimits) {
    const isVersion2 = existsSync(join(ROOT, 'cgroup.controllers'))
    const [cpu, memory] = isVersion2
      ? [join(ROOT, name), join(ROOT, name)]
      : [join(ROOT, 'cpu', name), join(ROOT, 'memory', name)]
    this.#folders = [...new Set([cpu, memory])]
    if (isVersion2) writeFileSync(join(ROOT, 'cgroup.subtree_control'), '+cpu +memory')
    for (const folder of this.#folders) mkdirSync(folder)
    if (cpus !== undefined) {
      const quota = String(cpus * PERIOD_MICROSECONDS)
      if (isVersion2) writeFileSync(join(cpu, 'cpu.max'), `${quota} ${PERIOD_MICROSECONDS}`)
      else writeFileSync(join(cpu, 'cpu.cfs_quota_us'), quota)
    }
    if (memoryBytes !== undefined)
      writeFileSync(join(memory, isVersion2 ? 'memory.max' : 'memory.limit_in_bytes'), String(memoryBytes))
  }

  /** Why this process can't create control groups; undefined if it can. */
  static reasonAgainst(): string | undefined {
    try {
      new ControlGroup(`probe-${process.pid}`, { cpus: 1, memoryBytes: 2 ** 30 }).#remove()
      return undefined
    } catch (error) {
      return `can't create control groups: ${error instanceof Error ? error.message : error}`
    }
  }

  /** The files that a process writes its PID to in order to join. */
  get processFiles(): readonly string[] {
    return this.#folders.map((folder) => join(folder, 'cgroup.procs'))
  }

  /** Removes the group after its processes have exited. */
  async [Symbol.asyncDispose](): Promise<void> {
    const deadline = performance.now() + 10_000
    while (this.processFiles.some((file) => readFileSync(file, 'utf8') !== '') && performance.now() < deadline)
      await sleep(20)
    this.#remove()
  }

  #remove(): void {
    for (const folder of this.#folders) rmdirSync(folder)
  }
}
