import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { progressOf, type Report, tableOf } from './arrival/report.ts'
import { Interruption } from './interruption.ts'
import type { PipelineOptions } from './options.ts'
import { PartError, Pipeline, type Progress } from './pipeline.ts'
import { ProgressLine } from './progress-line.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

interface Failure {
  readonly message: string
  /** A part could not start, or ended. */
  readonly ofPart: boolean
}

/** Runs the pipeline as asked. Returns the exit code. */
export async function runPipeline(options: PipelineOptions): Promise<number> {
  const pipeline = new Pipeline(root, options)
  const text = options.json ? process.stderr : process.stdout
  const line = new ProgressLine(text)
  const interruption = new Interruption({
    onFirst: () => {
      line.end()
      text.write('Stopping … (Ctrl-C again kills what still runs)\n')
    },
    onAgain: () => pipeline.kill(),
  })
  let report: Report | undefined
  let failure: Failure | undefined
  let left: readonly string[] = []
  let shown = false
  try {
    await pipeline.start()
    if (options.command === 'start') text.write(partsTable(pipeline))
    for await (const progress of pipeline.progress(interruption.signal)) {
      report = progress.report
      if (!shown && interruption.received === undefined) line.show(progressText(progress), progress.seconds)
      const complete = progress.starting.length === 0 && report?.ok === true
      if (options.command === 'verify') {
        if (complete) break
        if (progress.seconds >= options.timeoutSeconds) {
          failure = { message: `Not everything arrived within ${options.timeoutSeconds} s.`, ofPart: false }
          break
        }
      } else if (complete && report && !shown) {
        shown = true
        line.end()
        text.write(
          `\n${tableOf(report, text.columns)}\n\nEverything has arrived. Open ${pipeline.parts[0]?.url}; Ctrl-C stops the pipeline.\n`,
        )
      }
    }
  } catch (error) {
    if (!(error instanceof PartError)) throw error
    failure = { message: error.message, ofPart: true }
  } finally {
    line.end()
    left = await pipeline.stop()
    if (left.length > 0) process.stderr.write(`Processes of these parts could not be ended: ${left.join(', ')}\n`)
  }
  if (options.command === 'start') {
    if (failure !== undefined) process.stderr.write(`${failure.message}\n`)
    else if (left.length === 0) text.write('The pipeline has stopped.\n')
    return failure === undefined && left.length === 0 ? 0 : 1
  }
  const result = verdict(report, failure, interruption.received)
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
  else if (report) text.write(`\n${tableOf(report, text.columns)}\n`)
  for (const sentence of result.missing) process.stderr.write(`${sentence}\n`)
  if (result.ok) text.write(`\nEverything arrived after ${result.seconds} s.\n`)
  else process.stderr.write(`Logs: ${pipeline.logsDir}\n`)
  return result.ok ? 0 : 1
}

/** Every part's address on a line of its own, which fits 80 columns with the token. */
function partsTable(pipeline: Pipeline): string {
  const lines = pipeline.parts.flatMap((part) => [`${part.name}: ${part.shows}`, `  ${pipeline.addressOf(part)}`])
  return `${lines.join('\n')}\nlogs: ${relative(process.cwd(), pipeline.logsDir)}\n\n`
}

function progressText({ starting, report }: Progress): string {
  if (starting.length > 0) return `waiting for ${starting.map(({ name }) => name).join(', ')}`
  return report ? progressOf(report) : 'waiting for the first points'
}

/** The report with what went wrong. Where a part has ended, that explains everything else that is missing. */
function verdict(report: Report | undefined, failure: Failure | undefined, signal: NodeJS.Signals | undefined): Report {
  const found = report ?? { ok: false, types: [], traces: [], rejected: 0, seconds: 0, missing: ['nothing is stored'] }
  if (failure?.ofPart) return { ...found, ok: false, missing: [failure.message] }
  const problems = [...(failure ? [failure.message] : []), ...(signal === undefined ? [] : [`ended by ${signal}`])]
  return problems.length === 0 ? found : { ...found, ok: false, missing: [...problems, ...found.missing] }
}
