import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markdownOf } from './markdown.ts'
import { runScenario } from './run-scenario.ts'
import type { Scenario } from './scenario.ts'

function scenarioOf(values: Record<string, (number | undefined)[]>, order: string[] = []): Scenario {
  return {
    name: 'example',
    description: 'Counts.',
    unit: 'things/s',
    baseline: 'bare',
    variants: Object.entries(values).map(([name, results]) => ({
      name,
      measure: async () => {
        order.push(name)
        return results.shift()
      },
    })),
    bounds: [{ variant: 'full', atLeast: 0.5 }],
  }
}

test('variants are interleaved, and each round starts with a different one', async () => {
  const order: string[] = []
  await runScenario(scenarioOf({ bare: [1, 1, 1], full: [1, 1, 1] }, order), { rounds: 2 })
  assert.deepEqual(order, ['bare', 'full', 'full', 'bare', 'bare', 'full'])
})

test('the first round does not count; ratios are computed round by round', async () => {
  const result = await runScenario(scenarioOf({ bare: [9, 100, 200, 100], full: [9, 50, 150, 60] }), { rounds: 3 })
  const [bare, full] = result.variants
  assert.deepEqual(bare?.value, { median: 100, min: 100, max: 200 })
  assert.deepEqual(bare?.ratio, { median: 1, min: 1, max: 1 })
  assert.deepEqual(full?.ratio, { median: 0.6, min: 0.5, max: 0.75 })
  assert.equal(result.ok, true)
})

test('a variant that measures the baseline in turn with itself is compared to that baseline', async () => {
  const besides = [
    { value: 1, baseline: 1 },
    { value: 75, baseline: 150 },
  ]
  const scenario: Scenario = {
    ...scenarioOf({ bare: [1, 100], other: [1, 10] }),
    bounds: [{ variant: 'full', of: 'other', atLeast: 5 }],
  }
  const full = { name: 'full', measure: async () => besides.shift() }
  const { variants, bounds } = await runScenario({ ...scenario, variants: [...scenario.variants, full] }, { rounds: 1 })
  assert.deepEqual(
    variants.map(({ variant, value, ratio }) => [variant, value.median, ratio.median]),
    [
      ['bare', 100, 1],
      ['other', 10, 0.1],
      ['full', 75, 0.5],
    ],
  )
  assert.deepEqual(bounds[0]?.ratio.median, 5)
})

test('a bound between two variants that were measured in turn uses their ratio', async () => {
  const scenario: Scenario = { ...scenarioOf({ bare: [1, 100, 100], full: [1, 80, 80] }) }
  const ratios = [1, 12, 10].map((full) => ({ value: 5, baseline: 90, others: { full } }))
  const other = { name: 'other', measure: async () => ratios.shift() }
  const bounds = [{ variant: 'full', of: 'other', atLeast: 11 }]
  const result = await runScenario({ ...scenario, variants: [...scenario.variants, other], bounds }, { rounds: 2 })
  assert.deepEqual(result.bounds[0]?.ratio, { median: 11, min: 10, max: 12 })
  assert.equal(result.variants[1]?.value.median, 80)
})

test('a bound that is a share of the baseline compares the two ratios to one variant, round by round', async () => {
  const scenario = scenarioOf({ bare: [1, 1, 1], full: [1, 1, 1] })
  // The first round does not count. The baseline makes 10 and 20 times as much as the other, the variant 9 and 16 times.
  const measurements = [
    { value: 1, baseline: 1, others: { full: 1 } },
    { value: 5, baseline: 50, others: { full: 9 } },
    { value: 5, baseline: 100, others: { full: 16 } },
  ]
  const other = { name: 'other', measure: async () => measurements.shift() }
  const bounds = [{ variant: 'full', of: 'other', asShareOfBaseline: true, atLeast: 0.86 }]
  const result = await runScenario({ ...scenario, variants: [...scenario.variants, other], bounds }, { rounds: 2 })
  const { min = 0, max = 0 } = result.bounds[0]?.ratio ?? {}
  assert.deepEqual([min.toFixed(3), max.toFixed(3)], ['0.800', '0.900'])
  assert.match(markdownOf(result), /\| full \| what bare makes of other \|/)
})

test('a median below the bound makes the result not ok, and the table says so', async () => {
  const result = await runScenario(scenarioOf({ bare: [1, 100], full: [1, 40] }), { rounds: 1 })
  assert.equal(result.ok, false)
  assert.match(markdownOf(result), /\| full \| bare \| 0.5 \| 0.40 \| 0.40–0.40 \| \*\*no\*\* \|/)
})

test("a variant that the machine can't measure is skipped and named", async () => {
  const result = await runScenario(scenarioOf({ bare: [1, 100], full: [undefined] }), { rounds: 1 })
  assert.deepEqual(result.left, ['full'])
  assert.match(markdownOf(result), /lacks what they need: full/)
})

test('a bound can refer to any variant, and does not count if one of the two was not measured', async () => {
  const scenario = (other: number | undefined) => ({
    ...scenarioOf({ bare: [1, 100], full: [1, 60], other: [other, other] }),
    bounds: [{ variant: 'full', of: 'other', atLeast: 12 }],
  })
  const [bound] = (await runScenario(scenario(6), { rounds: 1 })).bounds
  assert.deepEqual(bound, {
    variant: 'full',
    of: 'other',
    asShareOfBaseline: false,
    atLeast: 12,
    ratio: { median: 10, min: 10, max: 10 },
    ok: false,
  })
  assert.deepEqual((await runScenario(scenario(undefined), { rounds: 1 })).bounds, [])
})

test("a baseline that can't be measured is an error", async () => {
  const scenario = scenarioOf({ bare: [undefined], full: [1, 1] })
  await assert.rejects(runScenario(scenario, { rounds: 1 }), /bare was not measured/)
})

test('what is kept between measurements is closed once, even after an error', async () => {
  for (const bare of [[1, 1], [undefined]]) {
    let closed = 0
    const scenario = { ...scenarioOf({ bare, full: [1, 1] }), close: async () => void closed++ }
    await runScenario(scenario, { rounds: 1 }).catch(() => {})
    assert.equal(closed, 1)
  }
  let closed = 0
  const failing = { name: 'failing', measure: () => Promise.reject(new Error('no server')) }
  const scenario = { ...scenarioOf({ bare: [1, 1] }), variants: [failing], close: async () => void closed++ }
  await assert.rejects(runScenario(scenario, { rounds: 1 }), /no server/)
  assert.equal(closed, 1)
})
