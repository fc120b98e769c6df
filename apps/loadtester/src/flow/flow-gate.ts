/** Name of the function step that {@link gateFlow} inserts. */
export const gateFunction = '$loadtesterGate'

const requestless = new Set(['think', 'log', 'function', 'loop', 'parallel'])

/**
 * A copy of a flow in which every request but the very first is preceded by a call of the gate, so that a virtual user
 * in the middle of its flow sends nothing more once the gate is shut. The first one is held back by its arrival.
 */
export function gateFlow(flow: readonly unknown[], inLoop = false): unknown[] {
  const gated: unknown[] = []
  let sent = inLoop
  for (const step of flow) {
    if (typeof step !== 'object' || step === null) {
      gated.push(step)
      continue
    }
    const record = step as Record<string, unknown>
    if (Array.isArray(record.loop)) {
      gated.push({ ...record, loop: gateFlow(record.loop, true) })
      sent = true
      continue
    }
    const isRequest = Array.isArray(record.parallel) || !Object.keys(record).some((key) => requestless.has(key))
    if (isRequest && sent) gated.push({ function: gateFunction })
    if (isRequest) sent = true
    gated.push(record)
  }
  return gated
}
