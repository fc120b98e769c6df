import { isMixed } from '../load/arrival-ordinals.ts'
import type { ChosenLoad } from './choose-load.ts'
import { sequentialRows } from './payload.ts'
import type { LoadScript } from './script.ts'

/** Where several workers treat rows that are read in sequence differently from a single process. */
export function rowNotices(
  { document }: Pick<LoadScript, 'document'>,
  { model, profile }: Pick<ChosenLoad, 'model' | 'profile'>,
): string[] {
  if (sequentialRows(document.config) === 0) return []
  if (model === 'closed')
    return ['config.payload: with users (closed model), each worker goes through a share of the rows at its own pace']
  return isMixed(profile)
    ? ['config.payload: rows may be used twice or left out where phases change between uniform and poisson']
    : []
}
