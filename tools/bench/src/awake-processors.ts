import { closeSync, openSync, writeSync } from 'node:fs'

/** Processors that may not sleep. */
export interface AwakeProcessors {
  /** Whether the kernel granted it: it takes root, and Linux. */
  readonly granted: boolean
  /** Lets them sleep again. */
  release(): void
}

/**
 * Asks the kernel that idle processors wait for work instead of sleeping (PM QoS, https://docs.kernel.org/power/pm_qos_interface.html).
 *
 * Load that waits for each answer sleeps more the slower the server is, and the server pays for waking it up with every answer that it writes: on a
 * virtual machine some 6 µs, which are no property of the server. Awake, an answer costs the same whoever sends it.
 */
export function keepProcessorsAwake(): AwakeProcessors {
  let file: number | undefined
  try {
    file = openSync('/dev/cpu_dma_latency', 'w')
    writeSync(file, new Int32Array([0]))
  } catch {
    if (file !== undefined) closeSync(file)
    return { granted: false, release: () => {} }
  }
  const held = file
  return { granted: true, release: () => closeSync(held) }
}
