import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { comparable, EngineComparison, errorsOf } from './compare-engines.ts'
import { DIFFERENCES } from './different-cases.ts'
import { FLOW_CASES } from './flow-cases.ts'
import { REQUEST_CASES } from './request-cases.ts'
import { RESPONSE_CASES } from './response-cases.ts'

/** The same scripts on Artillery's own HTTP engine and on this one: same requests on the wire, same counters, same variables. */

let engines: EngineComparison

before(async () => {
  engines = await EngineComparison.start()
})

after(() => engines[Symbol.asyncDispose]())

for (const item of [...REQUEST_CASES, ...RESPONSE_CASES, ...FLOW_CASES]) {
  test(`same: ${item.name}`, { timeout: 30_000 }, async () => {
    const theirs = await engines.theirs(item)
    const ours = await engines.ours(item)
    assert.deepEqual(comparable(ours), comparable(theirs))
    if (errorsOf(ours).length === 0) {
      assert.equal(ours.counters['http.downloaded_bytes'] ?? 0, ours.sentBytes, 'every byte of the bodies is counted')
    }
  })
}

for (const { ours, theirsHangs, ...item } of DIFFERENCES) {
  test(`different: ${item.name}`, { timeout: 30_000 }, async () => {
    ours(await engines.ours(item))
    if (theirsHangs) return
    const theirs = await engines.theirs(item)
    assert.throws(() => ours(theirs), 'Artillery has caught up: this belongs among the same')
  })
}
