import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conformanceTable, hasGo, runConformance } from '../conformance/run-conformance.ts'
import { UNREACHED } from '../conformance/unreached.ts'

const skip = !hasGo() && "Prometheus' own scripts need Go to be run, which is not installed"

test("Prometheus' own scripts: all evaluations pass but those that are listed", { skip }, async (t) => {
  const conformance = await runConformance()
  for (const line of conformanceTable(conformance).split('\n')) t.diagnostic(line)
  assert.deepEqual([...conformance.failed].sort(), [...UNREACHED.keys()].sort())
})
