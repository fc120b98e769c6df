import type { Master } from '../run/master.ts'
import type { RunStarter } from '../run/run-starter.ts'
import type { ScriptCatalog } from '../script/script-catalog.ts'
import type { RunStore } from '../store/run-store.ts'
import type { LogLines } from './log-lines.ts'

/** What the routes of the console work on. */
export interface Console {
  readonly version: string
  readonly master: Master
  readonly starter: RunStarter
  readonly store: RunStore
  readonly catalog: ScriptCatalog
  readonly log: LogLines
  readonly defaultScript: string
  /** Origins that load may go to, the default first. */
  readonly targets: readonly string[]
}
