import type { RunReport } from '../contract/run-report.ts'
import type { ArtilleryReport } from '../report/artillery-report.ts'
import { asRecord } from '../script/plain-object.ts'
import type { FinishedRun } from './output-files.ts'

const KEY = 'loadtesterResults'

/** A finished run as one line of JSON, for another process to write files from. */
export function encodeBundle({ report, failOnErrors, artillery }: FinishedRun): string {
  return JSON.stringify({ [KEY]: { report, failOnErrors, artillery: artillery() } })
}

/** Reads what {@link encodeBundle} made; undefined for any other line. */
export function decodeBundle(line: string): FinishedRun | undefined {
  if (!line.startsWith(`{"${KEY}":`)) return undefined
  try {
    const bundle = asRecord(asRecord(JSON.parse(line))?.[KEY])
    if (bundle === undefined) return undefined
    return {
      report: bundle.report as RunReport,
      failOnErrors: bundle.failOnErrors === true,
      artillery: () => bundle.artillery as ArtilleryReport,
    }
  } catch {
    return undefined
  }
}
