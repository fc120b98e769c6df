import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conformanceTable, hasGo, runConformance } from '../conformance/run-conformance.ts'
import { UNREACHED } from '../conformance/unreached.ts'

const skip = !hasGo() && "Prometheus' own scripts need Go to be run, which is not installed"

test("Prometheus' own scripts: all evaluations pass but those that are listed; queries made up from a seed are answered alike", {
  skip,
}, async (t) => {
  const conformance = await runConformance()
  for (const line of conformance.comparison.output.split('\n').filter((one) => one.startsWith('differential:'))) {
    t.diagnostic(line)
  }
  for (const line of conformanceTable(conformance).split('\n')) t.diagnostic(line)
  assert.ok(conformance.comparison.passed, conformance.comparison.output)
  assert.deepEqual([...conformance.failed].sort(), [...UNREACHED.keys()].sort())
})
