import type { ChangeEvent, Summary } from '../../contract/summary.ts'
import type { Api } from './client/api.ts'
import type { Route } from './route.ts'
import type { TimeRange } from './time-range.ts'

/** What the pages share: the address, the clock, the endpoints. */
export interface AppContext {
  readonly api: Api
  /** The newest summary, if one has come. */
  summary(): Summary | undefined
  route(): Route
  /** Goes to another address; `replace` leaves no entry in the history. */
  navigate(route: Route, options?: { readonly replace?: boolean }): void
  /** Changes some parameters of the address; an empty value takes one away. */
  setParameters(parameters: Readonly<Record<string, string>>, options?: { readonly replace?: boolean }): void
  /** An address like this one's (same range and project) with another page and id. */
  link(page: Route['page'], id?: string, parameters?: Readonly<Record<string, string>>): string
  range(): TimeRange
  setRange(range: TimeRange): void
  /** Back to the range before the last zoom, or to the default. */
  resetRange(): void
  /** The emulator's clock, in epoch milliseconds. */
  nowMs(): number
  /** Tells the clock what the emulator says it is. */
  sawServerTime(nowMs: number): void
}

/** A page. The shell makes one when the address names it and drops it when it names another. */
export interface Page {
  readonly element: HTMLElement
  /** Called at once, on each refresh, and when the address changed within the page. Never runs twice at a time. */
  refresh(signal: AbortSignal): Promise<void>
  /** Something was written. */
  changed?(event: ChangeEvent): void
  /** Where typing `/` leads. */
  focusSearch?(): void
  destroy(): void
}
