import { Worker } from 'node:worker_threads'
import type { EngineCommand, EngineEvent, EngineThreadData } from './engine-messages.ts'

/** One engine thread, for one run: started ahead, prepared, run, stopped. */
export class EngineHost {
  readonly #thread: Worker
  #listener: (event: EngineEvent) => void = () => {}
  #exitListener: (reason: string) => void = () => {}
  #lastError: string | undefined
  #ended = false

  constructor(data: EngineThreadData) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    this.#thread = new Worker(new URL(`./engine-thread.${extension}`, import.meta.url), {
      workerData: data,
      stdout: true,
    })
    // What a script prints is for people: standard output is for log lines, and for the summary of a run.
    this.#thread.stdout.on('data', (chunk: Buffer) => process.stderr.write(chunk))
    this.#thread.on('message', (event: EngineEvent) => this.#listener(event))
    this.#thread.on('error', (error) => {
      this.#lastError = error instanceof Error ? error.message : String(error)
    })
    this.#thread.on('exit', (code) => {
      this.#ended = true
      this.#exitListener(this.#lastError ?? `the engine thread ended with code ${code}`)
    })
    // An engine that waits for work keeps no process alive.
    this.#thread.unref()
  }

  onEvent(listener: (event: EngineEvent) => void): void {
    this.#listener = listener
  }

  /** Called once when the thread is over, for whatever reason. */
  onExit(listener: (reason: string) => void): void {
    this.#exitListener = listener
    if (this.#ended) listener(this.#lastError ?? 'the engine thread ended')
  }

  send(command: EngineCommand): void {
    this.#thread.postMessage(command)
  }

  /** Ends the thread now, without its last report. */
  async terminate(): Promise<void> {
    await this.#thread.terminate()
  }
}
