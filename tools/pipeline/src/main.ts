import { fileURLToPath } from 'node:url'
import { runMain } from '@node-to-cloud/command-line'
import { type PipelineOptions, readOptions } from './options.ts'
import { PartError, Pipeline } from './pipeline.ts'
import { progressOf, type Report, tableOf } from './report.ts'

// Google's client looks for its cloud's metadata server, which a pipeline on one machine does not have.
process.env.METADATA_SERVER_DETECTION = 'none'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Ends when the terminal or the supervisor says so; the signal that did is in `received`. */
class Interruption {
  readonly #controller = new AbortController()
  readonly signal = this.#controller.signal
  received: NodeJS.Signals | undefined

  constructor(onSecond: () => void) {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        if (this.received !== undefined && name !== 'SIGHUP') onSecond()
        this.received ??= name
        this.#controller.abort()
      })
    }
  }
}

/** Rewrites one line on a terminal; elsewhere prints a line when it changes. */
class ProgressLine {
  #last = ''
  readonly #stream: NodeJS.WriteStream

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  show(text: string, seconds: number): void {
    if (this.#stream.isTTY) this.#stream.write(`\r\x1b[K${text}, ${Math.round(seconds)} s`)
    else if (text !== this.#last) this.#stream.write(`${text}, ${Math.round(seconds)} s\n`)
    this.#last = text
  }

  end(): void {
    if (this.#stream.isTTY && this.#last !== '') this.#stream.write('\n')
    this.#last = ''
  }
}

interface Failure {
  readonly message: string
  /** A part could not start, or ended. */
  readonly ofPart: boolean
}

/** Runs the pipeline as asked; gives the exit code. */
async function run(options: PipelineOptions): Promise<number> {
  const pipeline = new Pipeline(root, options)
  const interruption = new Interruption(() => pipeline.kill())
  const text = options.json ? process.stderr : process.stdout
  const line = new ProgressLine(text)
  let report: Report | undefined
  let failure: Failure | undefined
  let shown = false
  try {
    await pipeline.start()
    if (options.command === 'start') text.write(partsTable(pipeline))
    for await (const progress of pipeline.progress(interruption.signal)) {
      report = progress.report
      if (!shown)
        line.show(
          progressText(
            progress.starting.map(({ name }) => name),
            report,
          ),
          progress.seconds,
        )
      const complete = progress.starting.length === 0 && report?.ok === true
      if (options.command === 'verify') {
        if (complete) break
        if (progress.seconds >= options.timeoutSeconds) {
          failure = { message: `Not all has arrived within ${options.timeoutSeconds} s.`, ofPart: false }
          break
        }
      } else if (complete && report && !shown) {
        shown = true
        line.end()
        text.write(`\n${tableOf(report)}\n\nAll is there. Look at ${pipeline.parts[0]?.url}; Ctrl-C ends everything.\n`)
      }
    }
  } catch (error) {
    if (!(error instanceof PartError)) throw error
    failure = { message: error.message, ofPart: true }
  } finally {
    line.end()
    await pipeline.stop()
  }
  if (options.command === 'start') {
    if (failure !== undefined) process.stderr.write(`${failure.message}\n`)
    else text.write('Everything has ended.\n')
    return failure === undefined ? 0 : 1
  }
  const result = verdict(report, failure, interruption.received)
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
  else if (report) text.write(`\n${tableOf(report)}\n`)
  for (const sentence of result.missing) process.stderr.write(`${sentence}\n`)
  if (result.ok) text.write(`\nAll is there after ${result.seconds} s.\n`)
  else process.stderr.write(`The logs of all parts: ${pipeline.logsDir}\n`)
  return result.ok ? 0 : 1
}

function partsTable(pipeline: Pipeline): string {
  const rows = pipeline.parts.map((part) => [part.name, pipeline.addressOf(part), part.shows] as const)
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(
    ([name, address, shows]) => `${name.padEnd(width)}  ${address}\n${' '.repeat(width)}    ${shows}`,
  )
  return `${lines.join('\n')}\nlogs: ${pipeline.logsDir}\n\n`
}

function progressText(starting: readonly string[], report: Report | undefined): string {
  if (starting.length > 0) return `waiting for ${starting.join(', ')}`
  return report ? progressOf(report) : 'waiting for the first points'
}

/** The report with what went wrong; a part that has ended explains all that is missing after it. */
function verdict(report: Report | undefined, failure: Failure | undefined, signal: NodeJS.Signals | undefined): Report {
  const found = report ?? { ok: false, types: [], traces: [], rejected: 0, seconds: 0, missing: ['nothing is stored'] }
  if (failure?.ofPart) return { ...found, ok: false, missing: [failure.message] }
  const problems = [...(failure ? [failure.message] : []), ...(signal === undefined ? [] : [`ended by ${signal}`])]
  return problems.length === 0 ? found : { ...found, ok: false, missing: [...problems, ...found.missing] }
}

// A closed terminal must not end this before the parts have ended.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

runMain('pipeline', async () => {
  const options = readOptions(process.argv.slice(2))
  if (typeof options === 'string') process.stdout.write(options)
  else process.exitCode = await run(options)
})
