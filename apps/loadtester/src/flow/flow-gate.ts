import { asRecord } from '../script/plain-object.ts'

/** Name of the function step that {@link gateFlow} inserts. */
export const GATE_FUNCTION = '$loadtesterGate'

const STEPS_WITHOUT_REQUEST = ['think', 'log', 'function', 'loop', 'parallel']

/**
 * A copy of a flow with a call of the gate before every request but the first, so that a virtual user in the middle of
 * its flow sends no further request once the gate is shut. Its first request is held back by not starting the user.
 */
export function gateFlow(flow: readonly unknown[], inLoop = false): unknown[] {
  const gated: unknown[] = []
  let hasSent = inLoop
  for (const step of flow) {
    const record = asRecord(step)
    if (record !== undefined && Array.isArray(record.loop)) {
      gated.push({ ...record, loop: gateFlow(record.loop, true) })
      hasSent = true
      continue
    }
    const sends =
      record !== undefined &&
      (Array.isArray(record.parallel) || !Object.keys(record).some((key) => STEPS_WITHOUT_REQUEST.includes(key)))
    if (sends && hasSent) gated.push({ function: GATE_FUNCTION })
    hasSent ||= sends
    gated.push(step)
  }
  return gated
}
