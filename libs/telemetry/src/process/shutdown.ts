/** The part of a logger that a shutdown needs. */
export interface ShutdownLog {
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Options of {@link createShutdown}. */
export interface ShutdownOptions {
  /** Signals that end the process; default SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[]
  /**
   * The process exits with 1 after this time, whatever is still running; default 25 s, within the 30 s that Kubernetes
   * waits.
   */
  readonly timeoutMs?: number
  /** Ends the process; tests replace it. */
  readonly exit?: (code: number) => void
}

/** One step of a shutdown, which is awaited. */
export type ShutdownStep = () => void | Promise<void>

/**
 * The graceful shutdown of a process: signal handlers from the moment it is created, and steps that run one after the
 * other, the last added first, so that resources are released in reverse order.
 */
export interface Shutdown {
  /** Adds a step, whose name is logged if it fails. A step that is added during the shutdown runs next. */
  add(name: string, step: ShutdownStep): void
  /** Adds a callback for the very start of the shutdown, before any step. */
  onBegin(callback: () => void): void
  /** Sets the log for failed steps; until then they are written to stderr. */
  setLog(log: ShutdownLog): void
  /** Sets the deadline; for a process that reads it from its environment after it has installed the signal handlers. */
  setTimeoutMs(timeoutMs: number): void
  /**
   * Starts the shutdown; further calls return the same promise. The process exits with `exitCode`, or with 1 if a step
   * failed.
   */
  begin(reason: string, exitCode?: number): Promise<void>
  /** Whether the shutdown has started. */
  readonly begun: boolean
  /** Whether it has started without an error: with the exit code 0. */
  readonly isOrderly: boolean
}

/**
 * Creates the shutdown of a process and installs its signal handlers. Call it before anything slow: PID 1 of a
 * container ignores SIGTERM until it has a handler. Further signals during the shutdown change nothing; its deadline
 * ends it.
 */
export function createShutdown(options: ShutdownOptions = {}): Shutdown {
  let timeoutMs = options.timeoutMs ?? 25_000
  const exit = options.exit ?? ((code) => process.exit(code))
  const steps: { name: string; step: ShutdownStep }[] = []
  const beginCallbacks: (() => void)[] = []
  let log: ShutdownLog = stderrLog
  let running: Promise<void> | undefined
  let begun = false
  let isOrderly = false

  const runStep = async (name: string, step: ShutdownStep): Promise<boolean> => {
    try {
      await step()
      return true
    } catch (error) {
      log.error({ err: error, step: name }, 'A shutdown step failed.')
      return false
    }
  }

  const run = async (reason: string, exitCode: number): Promise<void> => {
    let current = ''
    let failed = false
    const deadline = setTimeout(() => {
      log.error({ timeoutMs, waitingFor: current }, 'The shutdown timed out; the process exits now.')
      exit(1)
    }, timeoutMs)
    log.info({ reason }, 'Shutting down.')
    for (const callback of beginCallbacks) if (!(await runStep('beginning', callback))) failed = true
    for (let next = steps.pop(); next !== undefined; next = steps.pop()) {
      current = next.name
      if (!(await runStep(next.name, next.step))) failed = true
    }
    clearTimeout(deadline)
    exit(failed ? 1 : exitCode)
  }

  const shutdown: Shutdown = {
    add(name, step) {
      steps.push({ name, step })
    },
    onBegin(callback) {
      beginCallbacks.push(callback)
      if (begun) callback()
    },
    setLog(newLog) {
      log = newLog
    },
    setTimeoutMs(newTimeoutMs) {
      timeoutMs = newTimeoutMs
    },
    begin(reason, exitCode = 0) {
      if (!begun) isOrderly = exitCode === 0
      begun = true
      running ??= run(reason, exitCode)
      return running
    },
    get begun() {
      return begun
    },
    get isOrderly() {
      return isOrderly
    },
  }
  for (const signal of options.signals ?? (['SIGTERM', 'SIGINT'] as const)) {
    process.on(signal, () => void shutdown.begin(signal))
  }
  return shutdown
}

const stderrLog: ShutdownLog = {
  info() {},
  error(fields, message) {
    process.stderr.write(
      `${message} ${JSON.stringify(fields, (_key, value) => (value instanceof Error ? value.stack : value))}\n`,
    )
  },
}
