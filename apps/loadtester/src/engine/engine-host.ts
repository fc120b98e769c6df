import { Worker } from 'node:worker_threads'
import { messageOf } from '@node-to-cloud/command-line'
import { decodeTally, type TallyData } from '../results/tally-codec.ts'
import type { EngineCommand, EngineEvent, EngineThreadOptions } from './engine-messages.ts'

/** One engine thread, for one run or one hook. */
export class EngineHost {
  readonly #thread: Worker
  #listener: (event: EngineEvent) => void = () => {}
  #exitListener: (reason: string) => void = () => {}
  #error: string | undefined
  #exitReason: string | undefined

  /** @param onOutput given what the script prints. */
  constructor(options: EngineThreadOptions, onOutput: (text: string) => void) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    this.#thread = new Worker(new URL(`./engine-thread.${extension}`, import.meta.url), {
      workerData: options,
      stdout: true,
      stderr: true,
    })
    // Standard output is reserved for log lines and the summary of a run, so scripts print to standard error.
    for (const stream of [this.#thread.stdout, this.#thread.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        process.stderr.write(chunk)
        onOutput(String(chunk))
      })
    }
    this.#thread.on('message', (event: EngineEvent<TallyData>) =>
      this.#listener(event.type === 'report' ? { ...event, tally: decodeTally(event.tally) } : event),
    )
    this.#thread.on('error', (error) => {
      this.#error = messageOf(error)
    })
    this.#thread.on('exit', (code) => {
      this.#exitReason = this.#error ?? `the engine thread ended with code ${code}`
      this.#exitListener(this.#exitReason)
    })
    // An idle engine must not keep the process alive.
    this.#thread.unref()
  }

  onEvent(listener: (event: EngineEvent) => void): void {
    this.#listener = listener
  }

  /** Called once when the thread has ended, for whatever reason. */
  onExit(listener: (reason: string) => void): void {
    this.#exitListener = listener
    if (this.#exitReason !== undefined) listener(this.#exitReason)
  }

  send(command: EngineCommand): void {
    this.#thread.postMessage(command)
  }

  /** Ends the thread immediately, without a last report. */
  async terminate(): Promise<void> {
    await this.#thread.terminate()
  }
}
