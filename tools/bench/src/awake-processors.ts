import { closeSync, openSync, writeSync } from 'node:fs'

/** Idle processors that are kept awake. */
export interface AwakeProcessors {
  /** Whether the kernel granted it, which needs root and Linux. */
  readonly granted: boolean
  /** Lets them sleep again. */
  release(): void
}

/**
 * Asks the kernel that idle processors wait for work instead of sleeping (PM QoS, https://docs.kernel.org/power/pm_qos_interface.html).
 *
 * A load generator that waits for each response sleeps more the slower the server is, and the server pays for waking it up
 * with every response: about 6 µs on a virtual machine, which is not a property of the server. With processors kept awake, a
 * response costs every server the same.
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
