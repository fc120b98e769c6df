import { rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf } from '@node-to-cloud/command-line'
import type { SavedState, SeriesState, StateJournal, StateSource } from '../model/conversion-state.ts'
import { FileJournal, type JournalOptions } from './file-journal.ts'
import { DamagedJournalError, readFrames } from './frame-file.ts'
import { JournalFormatError } from './journal-format-error.ts'
import { makeFolder } from './make-folder.ts'
import { Replay } from './record-decoder.ts'
import { hasCode, StateFileError } from './state-file-error.ts'

/**
 * Cloud Monitoring accepts no points older than 25 h, so the state of a series that was silent for longer is useless.
 */
export const FORGET_AFTER_MS = 25 * 60 * 60 * 1000

/** A journal that was read and can be started. */
export interface OpenedJournal {
  /** The state on disk, without series that were silent for 25 h. */
  readonly saved: SavedState
  /** Compacts the file to the state of `source`, which must equal `saved`, and accepts calls from then on. */
  start(source: StateSource): Promise<StateJournal>
}

/**
 * Opens the state file, which need not exist; its folder is created. A file that is damaged or of another version is
 * renamed to `FILE.damaged-TIME` with a warning, and the state starts empty: the next sample of each counter becomes
 * its new baseline.
 *
 * @throws {StateFileError} The file can't be read, created or renamed.
 */
export async function openJournal(file: string, options: JournalOptions): Promise<OpenedJournal> {
  const nowMs = options.nowMs ?? Date.now()
  const replay = await readState(file, nowMs, options)
  for (const series of replay.series.values()) {
    if (isForgotten(series, nowMs)) replay.series.delete(series.id)
  }
  const documents = new Map(replay.documents)
  return {
    saved: { series: [...replay.series.values()], documents: replay.documents },
    async start(source) {
      const journal = new FileJournal(file, source, documents, options)
      await journal.compact()
      return journal
    },
  }
}

/** Whether a series was silent for so long that its state is useless. */
export function isForgotten(series: SeriesState, nowMs: number): boolean {
  const newestMs = series.waiting.at(-1)?.timestampMs ?? series.lastMs
  return !(newestMs > nowMs - FORGET_AFTER_MS)
}

/** Creates the folder of a state file. Throws a {@link StateFileError}. */
export async function makeStateFolder(file: string): Promise<void> {
  await makeFolder(dirname(file)).catch((cause: unknown) => {
    throw new StateFileError(
      `the folder of the state file ${file} can't be created: ${messageOf(cause)}; --state-file must name a file in a writable folder`,
      { cause },
    )
  })
}

async function readState(file: string, nowMs: number, options: JournalOptions): Promise<Replay> {
  const replay = new Replay()
  await makeStateFolder(file)
  try {
    await readFrames(file, (records) => replay.apply(records))
    return replay
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return replay
    if (
      !(error instanceof DamagedJournalError || error instanceof JournalFormatError || error instanceof SyntaxError)
    ) {
      const reason = hasCode(error, 'EISDIR')
        ? 'is a folder; --state-file must name a file'
        : `can't be read: ${messageOf(error)}`
      throw new StateFileError(`the state file ${file} ${reason}`, { cause: error })
    }
    const aside = `${file}.damaged-${new Date(nowMs).toISOString().replaceAll(':', '')}`
    options.log.warn(
      { file, aside, reason: error.message },
      'The state file can’t be used and was renamed; counters start with a new baseline.',
    )
    await rename(file, aside).catch((cause: unknown) => {
      throw new StateFileError(`the damaged state file ${file} can't be renamed: ${messageOf(cause)}`, { cause })
    })
    return new Replay()
  }
}
