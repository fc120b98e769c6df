import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conformanceTable, hasGo, runConformance } from '../conformance/run-conformance.ts'
import { UNREACHED } from '../conformance/unreached.ts'

const skip = !hasGo() && "Prometheus' own test scripts need Go, which is not installed"

test("Prometheus' own test scripts: all evaluations pass except those listed; random queries have equal results", {
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
