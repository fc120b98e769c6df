import type { SavedState, StateJournal } from '../model/conversion-state.ts'
import { StateFileError } from './state-file-error.ts'

/** The document in the state that holds the format of the metrics that it belongs to. */
const FORMAT_DOCUMENT = 'metrics-format'

/**
 * Rejects a state that belongs to another format: points of one would count again what points of the other already
 * contain.
 *
 * @throws {StateFileError}
 */
export function checkStateFormat(saved: SavedState, format: string, file: string): void {
  const kept = saved.documents.get(FORMAT_DOCUMENT)
  if (typeof kept !== 'string' || kept === format) return
  throw new StateFileError(
    `the state file ${file} belongs to a sidecar with --stackdriver.metrics-format=${kept}, but this one has ${format}: set a different --state-file, or remove the file`,
  )
}

/** Records the format in the state. */
export function keepStateFormat(journal: StateJournal, format: string): void {
  journal.document(FORMAT_DOCUMENT, format)
}
