import { plural } from '@node-to-cloud/browser-kit/format/plural'
import type { RunReport } from '../contract/run-report.ts'
import { escapeHtml } from './svg-chart.ts'

/** XML 1.0 has no other characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

interface TestCase {
  readonly name: string
  readonly className: string
  /** Why it failed; undefined if it did not. */
  readonly failure?: string | undefined
}

/**
 * A run as a JUnit report, for CI servers: one test case for the run as a whole, one for each bound, and one for each row
 * of requests. A row with failed requests fails only if they fail the run.
 */
export function renderJUnit(report: RunReport, options: { readonly failOnErrors?: boolean } = {}): string {
  const { script, startedMs, durationSeconds } = report
  const rows = rowCases(report, options.failOnErrors === true)
  const isExplained = rows.some(({ failure }) => failure !== undefined)
  const cases = [runCase(report, isExplained), ...boundCases(report), ...rows]
  const failures = cases.filter(({ failure }) => failure !== undefined).length
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="0" time="${durationSeconds.toFixed(3)}"`
  const timestamp = new Date(startedMs).toISOString()
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="loadtester" ${counts}>
<testsuite name="${xml(script)}" timestamp="${timestamp}" ${counts}>
${cases.map((each) => renderCase(each, durationSeconds)).join('\n')}
</testsuite>
</testsuites>
`
}

/** @param isExplained a row says why the run failed. */
function runCase({ failure, users, exitCode, bounds, userFailures }: RunReport, isExplained: boolean): TestCase {
  const failedOtherwise = users.failed - users.failedByRequest
  const isMissed = bounds.some(({ ok, strict }) => strict && !ok)
  const reasons = userFailures.map(([reason, count]) => `${reason} × ${count}`).join(', ')
  const why =
    failure ??
    (failedOtherwise > 0
      ? `${failedOtherwise} virtual ${plural(failedOtherwise, 'user')} failed: ${reasons}`
      : exitCode !== 0 && !isMissed && !isExplained
        ? `exit code ${exitCode}`
        : undefined)
  return { name: 'the run', className: 'run', failure: why }
}

function boundCases({ bounds }: RunReport): TestCase[] {
  return bounds.map(({ text, ok, strict, value }) => ({
    name: text,
    className: 'bounds',
    failure: ok || !strict ? undefined : `missed: ${value === undefined ? 'not measured' : Number(value.toFixed(3))}`,
  }))
}

function rowCases({ series, failureRows }: RunReport, failOnErrors: boolean): TestCase[] {
  return series.map(({ method, name, requests, failures }) => {
    const errors = failureRows
      .filter((row) => row.method === method && row.name === name)
      .map(({ error, count }) => `${error} × ${count}`)
    return {
      name: `${method} ${name}`,
      className: 'requests',
      failure:
        failOnErrors && failures > 0
          ? `${failures} of ${requests} ${plural(requests, 'request')} failed: ${errors.join(', ')}`
          : undefined,
    }
  })
}

function renderCase({ name, className, failure }: TestCase, seconds: number): string {
  const attributes = `classname="${className}" name="${xml(name)}" time="${seconds.toFixed(3)}"`
  if (failure === undefined) return `<testcase ${attributes}/>`
  return `<testcase ${attributes}><failure message="${xml(failure)}"/></testcase>`
}

function xml(text: string): string {
  return escapeHtml(text.replace(NOT_XML, '?'))
}
