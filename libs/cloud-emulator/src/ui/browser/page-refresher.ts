/** The calls of the refresher to the rest of the page. */
interface RefresherOptions {
  /** Redraws the page. */
  readonly refresh: (signal: AbortSignal) => Promise<void>
  /** Called at the start and end of a refresh; at the end of a failed one with its error. */
  readonly onBusy: (busy: boolean) => void
  readonly onDone: (error?: unknown) => void
  /** The time between refreshes; 0 if there are none. */
  readonly seconds: () => number
}

/** Changes are shown this soon, whatever the refresh interval. */
const CHANGE_DELAY_MS = 2000

/** Refreshes a page periodically, and soon after something was written; one refresh at a time. */
export class PageRefresher {
  readonly #options: RefresherOptions
  #running: AbortController | undefined
  #again = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #changeTimer: ReturnType<typeof setTimeout> | undefined

  constructor(options: RefresherOptions) {
    this.#options = options
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) clearTimeout(this.#timer)
      else if (options.seconds() > 0) void this.refresh()
    })
  }

  /** Refreshes now. A call during a refresh starts another one afterwards. */
  async refresh(): Promise<void> {
    if (this.#running !== undefined) {
      this.#again = true
      return
    }
    clearTimeout(this.#timer)
    const controller = new AbortController()
    this.#running = controller
    this.#options.onBusy(true)
    let failure: { readonly error: unknown } | undefined
    try {
      await this.#options.refresh(controller.signal)
    } catch (error) {
      failure = { error }
    }
    if (this.#running !== controller) return
    this.#running = undefined
    this.#options.onBusy(false)
    if (failure === undefined) this.#options.onDone()
    else this.#options.onDone(failure.error)
    this.#schedule()
    if (!this.#again) return
    this.#again = false
    void this.refresh()
  }

  /** Cancels the current refresh and starts a new one, because the page has changed. */
  restart(): void {
    this.#running?.abort()
    this.#running = undefined
    this.#again = false
    void this.refresh()
  }

  /** Refreshes soon, once for all changes until then. */
  refreshSoon(): void {
    if (this.#options.seconds() === 0 || document.hidden || this.#changeTimer !== undefined) return
    this.#changeTimer = setTimeout(() => {
      this.#changeTimer = undefined
      void this.refresh()
    }, CHANGE_DELAY_MS)
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    const seconds = this.#options.seconds()
    if (seconds > 0 && !document.hidden) this.#timer = setTimeout(() => void this.refresh(), seconds * 1000)
  }
}
