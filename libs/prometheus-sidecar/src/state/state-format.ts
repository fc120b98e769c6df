import type { SavedState, StateJournal } from '../model/conversion-state.ts'
import { StateFileError } from './state-file-error.ts'

/** The document in the state that holds the format of the metrics it is about. */
const FORMAT_DOCUMENT = 'metrics-format'

/**
 * Refuses a state that was kept in another format: points of one would count what is in points of the other already.
 *
 * @throws {StateFileError}
 */
export function checkStateFormat(saved: SavedState, format: string, file: string): void {
  const kept = saved.documents.get(FORMAT_DOCUMENT)
  if (typeof kept !== 'string' || kept === format) return
  throw new StateFileError(
    `the state file ${file} is that of a sidecar with --stackdriver.metrics-format=${kept}, and this one has ${format}: set a different --state-file, or remove it`,
  )
}

/** Keeps the format in the state. */
export function keepStateFormat(journal: StateJournal, format: string): void {
  journal.document(FORMAT_DOCUMENT, format)
}
