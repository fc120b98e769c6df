import { messageOf } from '@node-to-cloud/command-line'
import type { Shutdown } from '../process/shutdown.ts'
import { isPrimaryMessage, type WorkerMessage } from './messages.ts'

const REPLACEMENT_TIMEOUT_MS = 15_000

let isReady = false

/**
 * Handles the signals of a worker, instead of `createShutdown` (`signals: []`); for the first line of a worker's
 * program. A terminal sends SIGINT and SIGHUP to every process of a service, but only the primary handles them. A
 * worker that receives SIGTERM first asks the primary for a replacement, so that the service is never without workers.
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
    if (isPrimaryMessage(message) && message.type === 'telemetry:drain') void shutdown.begin('drained by the primary')
  })
}

/** The worker accepts requests: from now on SIGTERM asks for a replacement first. */
export function markReady(): void {
  isReady = true
}

/** Reports to the primary why this worker can't start. */
export function reportFailure(error: unknown): void {
  sendToPrimary({ type: 'telemetry:failed', message: messageOf(error) })
}

/** @returns whether there is a primary to send to */
export function sendToPrimary(message: WorkerMessage): boolean {
  if (process.send === undefined || !process.connected) return false
  process.send(message, undefined, undefined, () => {})
  return true
}
