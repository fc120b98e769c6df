import { access, constants, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf } from '@node-to-cloud/command-line'
import type { RunReport } from '../contract/run-report.ts'
import type { ArtilleryReport } from '../report/artillery-report.ts'
import { renderExceptionsCsv, renderFailuresCsv, renderStatsCsv, renderTimelineCsv } from '../report/csv.ts'
import { renderReportHtml } from '../report/html.ts'
import { renderJUnit } from '../report/junit.ts'

/** What a headless run writes. */
export interface OutputFiles {
  /** A page with charts. */
  readonly report?: string | undefined
  /** The start of the names of the CSV files, as in Locust. */
  readonly csvPrefix?: string | undefined
  readonly junit?: string | undefined
  /** Artillery's JSON report: a file, or a folder for a file named by the time. */
  readonly output?: string | undefined
}

/** A finished run, and what to write about it. */
export interface FinishedRun {
  readonly report: RunReport
  readonly failOnErrors: boolean
  readonly artillery: () => ArtilleryReport
}

/** A file can't be written. */
export class OutputFileError extends Error {
  readonly code = 'ERR_OUTPUT_FILE'
}

type Render = (run: FinishedRun) => string

/** Locust's names, after the prefix. */
const CSV_FILES: readonly (readonly [ending: string, render: Render])[] = [
  ['_stats.csv', ({ report }) => renderStatsCsv(report)],
  ['_failures.csv', ({ report }) => renderFailuresCsv(report)],
  ['_exceptions.csv', ({ report }) => renderExceptionsCsv(report)],
  ['_stats_history.csv', ({ report }) => renderTimelineCsv(report)],
]

/** Names the file in the folder that `output` may be, as Artillery does. */
export async function resolveOutput(files: OutputFiles, now: Date): Promise<OutputFiles> {
  const { output } = files
  if (output === undefined || !(await isFolder(output))) return files
  const [day = '', time = ''] = now.toISOString().replace(/\..*/, '').replace(/[-:]/g, '').split('T')
  return { ...files, output: join(output, `artillery_report_${day}_${time}.json`) }
}

async function isFolder(path: string): Promise<boolean> {
  const known = await stat(path).catch(() => undefined)
  return known?.isDirectory() === true
}

/** The paths of the files, in the order in which they are written. */
export function outputPaths(files: OutputFiles): string[] {
  return renderers(files).map(([path]) => path)
}

/**
 * Reports before the load, rather than after it, that a file can't be written.
 *
 * @throws OutputFileError naming it.
 */
export async function checkOutputFiles(files: OutputFiles): Promise<void> {
  for (const path of outputPaths(files)) {
    try {
      if (await isFolder(path)) throw new Error('it is a folder')
      const known = await stat(path).catch(() => undefined)
      await access(known === undefined ? dirname(path) : path, constants.W_OK)
    } catch (error) {
      throw unwritable(path, error)
    }
  }
}

/** @throws OutputFileError naming the file that can't be written. */
export async function writeOutputFiles(files: OutputFiles, run: FinishedRun): Promise<void> {
  for (const [path, render] of renderers(files)) {
    try {
      await writeFile(path, render(run))
    } catch (error) {
      throw unwritable(path, error)
    }
  }
}

function renderers({ report, csvPrefix, junit, output }: OutputFiles): (readonly [path: string, render: Render])[] {
  return [
    ...(report === undefined ? [] : [[report, (run: FinishedRun) => renderReportHtml(run.report)] as const]),
    ...(csvPrefix === undefined ? [] : CSV_FILES.map(([ending, render]) => [`${csvPrefix}${ending}`, render] as const)),
    ...(junit === undefined ? [] : [[junit, (run: FinishedRun) => renderJUnit(run.report, run)] as const]),
    ...(output === undefined
      ? []
      : [[output, (run: FinishedRun) => `${JSON.stringify(run.artillery(), undefined, 2)}\n`] as const]),
  ]
}

function unwritable(path: string, cause: unknown): OutputFileError {
  return new OutputFileError(`the report can't be written to ${path}: ${messageOf(cause)}`, { cause })
}
