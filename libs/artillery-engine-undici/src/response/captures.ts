import type { ArtilleryEvents, CaptureResult, VirtualUserContext } from '../artillery/contract.ts'
import { setVariable } from './variable-path.ts'

/**
 * Sets the variables that were captured. Returns false, and changes nothing, if a capture or a match has failed (both
 * are strict unless the script says otherwise).
 */
export function applyCaptures(result: CaptureResult, context: VirtualUserContext, events: ArtilleryEvents): boolean {
  const matches = Object.values(result.matches)
  const captures = Object.entries(result.captures)
  if (matches.some((match) => !match.success && match.strict !== false)) return false
  if (captures.some(([, capture]) => capture.failed)) return false
  for (const { success, expected, got, expression, strict } of matches) {
    events.emit('match', success, { expected, got, expression, strict })
  }
  for (const [name, capture] of captures) setVariable(context.vars, name, capture.value)
  return true
}
