import { access, constants, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf } from '@node-to-cloud/command-line'
import type { RunReport } from '../contract/run-report.ts'
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
}

/** A file can't be written. */
export class OutputFileError extends Error {
  readonly code = 'ERR_OUTPUT_FILE'
}

type Render = (report: RunReport) => string

/** Locust's names, after the prefix. */
const CSV_FILES: readonly (readonly [ending: string, render: Render])[] = [
  ['_stats.csv', renderStatsCsv],
  ['_failures.csv', renderFailuresCsv],
  ['_exceptions.csv', renderExceptionsCsv],
  ['_stats_history.csv', renderTimelineCsv],
]

/** The paths of the files, in the order in which they are written. */
export function outputPaths(files: OutputFiles): string[] {
  return renderers(files, { failOnErrors: false }).map(([path]) => path)
}

/**
 * Reports before the load, rather than after it, that a file can't be written.
 *
 * @throws OutputFileError naming it.
 */
export async function checkOutputFiles(files: OutputFiles): Promise<void> {
  for (const path of outputPaths(files)) {
    try {
      const known = await stat(path).catch(() => undefined)
      if (known?.isDirectory() === true) throw new Error('it is a folder')
      await access(known === undefined ? dirname(path) : path, constants.W_OK)
    } catch (error) {
      throw unwritable(path, error)
    }
  }
}

/** @throws OutputFileError naming the file that can't be written. */
export async function writeOutputFiles(
  files: OutputFiles,
  report: RunReport,
  options: { readonly failOnErrors: boolean },
): Promise<void> {
  for (const [path, render] of renderers(files, options)) {
    try {
      await writeFile(path, render(report))
    } catch (error) {
      throw unwritable(path, error)
    }
  }
}

function renderers(
  { report, csvPrefix, junit }: OutputFiles,
  options: { readonly failOnErrors: boolean },
): (readonly [path: string, render: Render])[] {
  return [
    ...(report === undefined ? [] : [[report, renderReportHtml] as const]),
    ...(csvPrefix === undefined ? [] : CSV_FILES.map(([ending, render]) => [`${csvPrefix}${ending}`, render] as const)),
    ...(junit === undefined ? [] : [[junit, (run: RunReport) => renderJUnit(run, options)] as const]),
  ]
}

function unwritable(path: string, cause: unknown): OutputFileError {
  return new OutputFileError(`the report can't be written to ${path}: ${messageOf(cause)}`, { cause })
}
