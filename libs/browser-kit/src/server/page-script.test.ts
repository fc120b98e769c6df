import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import vm from 'node:vm'
import { PageScript } from './page-script.ts'

const CHART = new URL('../ui/browser/chart/series-legend.ts', import.meta.url)

describe("a page's script", () => {
  let folder = ''
  const file = (name: string): string => join(folder, name)
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modules-'))
    await writeFile(
      file('main.ts'),
      "import { b } from './b.ts'\nimport { c } from './c.ts'\nlog(['main', b, c].join(' '))\n",
    )
    await writeFile(file('b.ts'), "import { c } from './c.ts'\nlog('b')\nexport const b: number = c + 1\n")
    await writeFile(file('c.ts'), "import type { D } from './d.ts'\nlog('c')\nexport const c: D = 1\n")
  })
  after(() => rm(folder, { recursive: true, force: true }))

  const run = (text: string): string[] => {
    const lines: string[] = []
    vm.runInNewContext(text, { log: (line: string) => lines.push(line) })
    return lines
  }

  it('runs each module once, after those that it imports', async () => {
    const { script } = await new PageScript(pathToFileURL(file('main.ts'))).read()
    assert.deepEqual(run(script.text), ['c', 'b', 'main 2 1'])
  })

  it('stays the same until a file changes', async () => {
    const page = new PageScript(pathToFileURL(file('main.ts')))
    const first = await page.read()
    assert.equal(await page.read(), first)
    await writeFile(file('b.ts'), 'export const b = 7\n')
    await utimes(file('b.ts'), new Date(), new Date(Date.now() + 5000))
    const edited = await page.read()
    assert.notEqual(edited.script.etag, first.script.etag)
    assert.deepEqual(run(edited.script.text), ['c', 'main 7 1'])
  })

  it('contains the kit and the libraries, and its source map has every line of them', async () => {
    const { script, map } = await new PageScript(CHART).read()
    new vm.Script(script.text)
    const payload = JSON.parse(map.text)
    assert.ok(
      payload.sources.some((path: string) => path.endsWith('lit-html/lit-html.js')),
      payload.sources.join(' '),
    )
    assert.ok(!map.text.includes(new URL('.', CHART).pathname), 'no path of this machine')
    const lines = script.text.split('\n')
    const found = new SourceMap(payload)
    const source = await readFile(CHART, 'utf8')
    const wanted = source.split('\n').findIndex((line) => line.includes('export function createSeriesLegend'))
    const line = lines.findIndex((one) => one.includes('function createSeriesLegend'))
    const entry = found.findEntry(line, 2)
    assert.ok('originalLine' in entry)
    assert.deepEqual([entry.originalSource, entry.originalLine], ['series-legend.ts', wanted])
    for (const [index, text] of payload.sourcesContent.entries()) {
      const first = lines.findIndex((one) => one.startsWith(`modules["${payload.sources[index]}"]`)) + 1
      const last = first + text.split('\n').length - 1
      for (const [at, original] of [
        [first, 0],
        [last, last - first],
      ] as const) {
        const place = found.findEntry(at, 0)
        assert.ok('originalLine' in place)
        assert.deepEqual([place.originalSource, place.originalLine], [payload.sources[index], original])
      }
    }
  })

  it('an error names the module whose import is not available to pages', async () => {
    await writeFile(file('bad.ts'), "import { x } from 'left-pad'\nlog(x)\n")
    await assert.rejects(
      new PageScript(pathToFileURL(file('bad.ts'))).read(),
      /bad\.ts imports left-pad, which is not available to pages/,
    )
  })
})
