import type { Master } from '../run/master.ts'
import type { ScriptCatalog } from '../script/files/script-catalog.ts'
import type { RunStarter } from '../start/run-starter.ts'
import type { RunStore } from '../store/run-store.ts'
import type { LogLines } from './log-lines.ts'

/** What the routes work on. */
export interface WebContext {
  readonly version: string
  readonly master: Master
  readonly starter: RunStarter
  readonly store: RunStore
  readonly catalog: ScriptCatalog
  readonly log: LogLines
  readonly defaultScript: string
  /** Targets that load may be sent to, the default first. */
  readonly targets: readonly string[]
}
