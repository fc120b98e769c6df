import { rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf } from '@node-to-cloud/command-line'
import type { SavedState, SeriesState, StateJournal, StateSource } from '../model/conversion-state.ts'
import { FileJournal, type JournalOptions } from './file-journal.ts'
import { DamagedJournalError, readFrames } from './frame-file.ts'
import { makeFolder } from './make-folder.ts'
import { JournalFormatError, Replay } from './record-decoder.ts'
import { hasCode, StateFileError } from './state-file-error.ts'

/** Cloud Monitoring takes no point older than 25 h, so that a series that was silent for as long has nothing to go on from. */
export const FORGET_AFTER_MS = 25 * 60 * 60 * 1000

/** A journal that was read and waits for the source of the state that it led to. */
export interface OpenedJournal {
  /** What was on disk, without series that were silent for 25 h. */
  readonly saved: SavedState
  /** Compacts the file to `source`'s state, which must be `saved`'s, and takes calls from then on. */
  start(source: StateSource): Promise<StateJournal>
}

/**
 * Opens the state file, which need not exist; its folder is made. A file that is damaged or of another version is renamed to
 * `FILE.damaged-TIME` with a warning, and the state begins empty: each counter's next sample then becomes its new baseline.
 *
 * @throws {StateFileError} The file can't be read, made or renamed.
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

/** Says whether a series was silent for so long that its state serves nothing. */
export function isForgotten(series: SeriesState, nowMs: number): boolean {
  const newestMs = series.waiting.at(-1)?.timestampMs ?? series.lastMs
  return !(newestMs > nowMs - FORGET_AFTER_MS)
}

/** Makes the folder of a state file. Throws a {@link StateFileError}. */
export async function makeStateFolder(file: string): Promise<void> {
  await makeFolder(dirname(file)).catch((cause: unknown) => {
    throw new StateFileError(
      `the folder of the state file ${file} can't be made: ${messageOf(cause)}; --state-file has to name a file in a folder that can be written`,
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
        ? 'is a folder; --state-file has to name a file in it'
        : `can't be read: ${messageOf(error)}`
      throw new StateFileError(`the state file ${file} ${reason}`, { cause: error })
    }
    const aside = `${file}.damaged-${new Date(nowMs).toISOString().replaceAll(':', '')}`
    options.log.warn(
      { file, aside, reason: error.message },
      'the state file is put aside; counters begin with a new baseline',
    )
    await rename(file, aside).catch((cause: unknown) => {
      throw new StateFileError(`the damaged state file ${file} can't be put aside: ${messageOf(cause)}`, { cause })
    })
    return new Replay()
  }
}
