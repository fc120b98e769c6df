import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findLinks, findNamedPaths, headingAnchors } from './markdown.ts'

test('links and images are found outside code', () => {
  const text = '[a](b.md) ![c](d.png)\n`[no](code)`\n```md\n[no](fence)\n```\n[e](../f.md#g)'
  assert.deepEqual(findLinks(text), [
    { line: 1, target: 'b.md' },
    { line: 1, target: 'd.png' },
    { line: 6, target: '../f.md#g' },
  ])
})

test('headings become the anchors that GitHub makes of them', () => {
  const anchors = headingAnchors(
    "# What runs where\n## `--help`, and why\n```\n# no heading\n```\n### The sidecar's flags",
  )
  assert.deepEqual([...anchors], ['what-runs-where', '--help-and-why', 'the-sidecars-flags'])
})

for (const [text, expected] of [
  ['see `libs/telemetry/src/index.ts`.', ['libs/telemetry/src/index.ts']],
  ['`node deploy/src/image/pin-images.ts`', ['deploy/src/image/pin-images.ts']],
  ['in deploy/dashboards/*.json: some', ['deploy/dashboards/*.json']],
  ['`cd deploy/overlays/ENV`', []],
  ['`deploy/dashboards/<id>.json` and `apps/{flask-app,loadtester}/bin`', []],
  ['https://example.org/docs/adr and /var/libs/x and @scope/libs/x', []],
  ['`src/main.ts` and src/other.ts', ['src/main.ts']],
  ['[text](docs/adr/none.md)', []],
] as const) {
  test(`paths in ${text}`, () => {
    assert.deepEqual(
      findNamedPaths(text).map(({ path }) => path),
      expected,
    )
  })
}
