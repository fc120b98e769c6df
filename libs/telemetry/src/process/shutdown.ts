/** The part of a logger that a shutdown writes to. */
export interface ShutdownLog {
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** How a process ends. */
export interface ShutdownOptions {
  /** Signals that end the process; default SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[]
  /** When the process exits with 1, whatever is still running; default 25 s, which Kubernetes' 30 s leave room for. */
  readonly timeoutMs?: number
  /** Ends the process; tests replace it. */
  readonly exit?: (code: number) => void
}

/** One step of a shutdown; its promise is waited for. */
export type ShutdownStep = () => void | Promise<void>

/**
 * The orderly end of a process: handlers for its signals from the moment it is made, and steps that run one after the other, the
 * last added first, as resources are released in the reverse order of their making.
 */
export interface Shutdown {
  /** Adds a step, named in the log if it fails. A step that is added during the shutdown runs at once. */
  add(name: string, step: ShutdownStep): void
  /** Runs at the very start of the shutdown, before any step waits: for `/readyz`, which has to say no at once. */
  onBegin(callback: () => void): void
  /** Where failed steps are told; until it is set, on stderr. */
  setLog(log: ShutdownLog): void
  /** Sets the deadline; for a process that reads it from its environment after the handlers stand. */
  setTimeoutMs(timeoutMs: number): void
  /** Begins the shutdown; further calls give the same promise. The process exits with `exitCode`, or 1 where a step failed. */
  begin(reason: string, exitCode?: number): Promise<void>
  /** Whether the shutdown has begun. */
  readonly begun: boolean
}

/**
 * Makes the shutdown of a process and takes its signals over. Call it before anything slow: as PID 1 of a container a process ignores
 * SIGTERM until a handler stands. Further signals during the shutdown change nothing: its deadline ends it.
 */
export function createShutdown(options: ShutdownOptions = {}): Shutdown {
  let timeoutMs = options.timeoutMs ?? 25_000
  const exit = options.exit ?? ((code) => process.exit(code))
  const steps: { name: string; step: ShutdownStep }[] = []
  const beginCallbacks: (() => void)[] = []
  let log: ShutdownLog = stderrLog
  let running: Promise<void> | undefined
  let begun = false

  const runStep = async (name: string, step: ShutdownStep): Promise<boolean> => {
    try {
      await step()
      return true
    } catch (error) {
      log.error({ err: error, step: name }, 'A step of the shutdown failed.')
      return false
    }
  }

  const run = async (reason: string, exitCode: number): Promise<void> => {
    let current = ''
    let failed = false
    const deadline = setTimeout(() => {
      log.error({ timeoutMs, waitingFor: current }, 'The shutdown took too long; the process ends now.')
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
      begun = true
      running ??= run(reason, exitCode)
      return running
    },
    get begun() {
      return begun
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
