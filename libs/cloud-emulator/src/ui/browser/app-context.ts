import type { ChangeEvent, Summary } from '../../contract/summary.ts'
import type { Api } from './client/api.ts'
import type { TimeRange } from './range/time-range.ts'
import type { Route } from './route.ts'

/** What the shell provides to pages: the address, the clock, the endpoints. */
export interface AppContext {
  readonly api: Api
  /** The newest summary; undefined until one has arrived. */
  summary(): Summary | undefined
  /** Redraws the parts of the frame that show the summary. */
  summaryChanged(): void
  route(): Route
  /** Navigates to another address; with `replace` it adds no entry to the history. */
  navigate(route: Route, options?: { readonly replace?: boolean }): void
  /** Changes parameters of the address; an empty value removes one. */
  setParameters(parameters: Readonly<Record<string, string>>, options?: { readonly replace?: boolean }): void
  /** The address of another page with the same time range and project. */
  link(page: Route['page'], id?: string, parameters?: Readonly<Record<string, string>>): string
  range(): TimeRange
  setRange(range: TimeRange): void
  /** Restores the range from before the last zoom, or the default. */
  resetRange(): void
  /** The emulator's clock, in epoch milliseconds. */
  nowMs(): number
  /** Synchronizes the clock with the emulator's. */
  sawServerTime(nowMs: number): void
}

/**
 * A page. The shell creates it when the address changes to it, and destroys it when the address changes to another
 * page.
 */
export interface Page {
  readonly element: HTMLElement
  /** Called initially, on every refresh, and when the address changes within the page. Calls never overlap. */
  refresh(signal: AbortSignal): Promise<void>
  /** Called when something was written. */
  changed?(event: ChangeEvent): void
  /** Called when the user types `/`. */
  focusSearch?(): void
  destroy(): void
}
