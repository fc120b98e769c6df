import type { Shutdown } from '../process/shutdown.ts'
import { isPrimaryMessage, type WorkerMessage } from './messages.ts'

/** A worker that was asked to end waits this long for its replacement. */
const REPLACEMENT_TIMEOUT_MS = 15_000

let isReady = false

/**
 * Takes the signals of a worker over, in place of `createShutdown`'s own (`signals: []`); for the first line of a worker's program. A terminal sends
 * SIGINT and SIGHUP to every process of a service, but they are the primary's to answer. SIGTERM for one worker asks the primary for a
 * replacement first, so that no request meets a service without workers.
 */
export function installWorkerSignals(shutdown: Shutdown): void {
  process.on('SIGINT', () => {})
  process.on('SIGHUP', () => {})
  process.on('SIGTERM', () => {
    if (!isReady || !sendToPrimary({ type: 'telemetry:retiring' })) {
      void shutdown.begin('SIGTERM')
      return
    }
    setTimeout(() => void shutdown.begin('SIGTERM'), REPLACEMENT_TIMEOUT_MS).unref()
  })
  process.on('message', (message) => {
    if (isPrimaryMessage(message) && message.type === 'telemetry:drain')
      void shutdown.begin('the primary drains this worker')
  })
}

/** From now on SIGTERM asks for a replacement first. */
export function markReady(): void {
  isReady = true
}

/** Tells the primary why this worker can't start. */
export function reportFailure(error: unknown): void {
  sendToPrimary({ type: 'telemetry:failed', message: error instanceof Error ? error.message : String(error) })
}

/** @returns whether there is still a primary to hear it */
export function sendToPrimary(message: WorkerMessage): boolean {
  if (process.send === undefined || !process.connected) return false
  process.send(message, undefined, undefined, () => {})
  return true
}
