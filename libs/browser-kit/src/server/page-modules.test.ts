import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import fastify, { type FastifyInstance } from 'fastify'
import { openPageModules, type PageModules } from './page-modules.ts'
import { importMapScript, KIT_STYLE_PATH, registerKit } from './register-kit.ts'

describe('the modules of a page', () => {
  let app: FastifyInstance
  let modules: PageModules
  before(async () => {
    modules = await openPageModules({ '/own/': new URL('../format/', import.meta.url) })
    app = fastify()
    registerKit(app, modules, ['/own/'])
  })
  after(() => app.close())

  it('are served as JavaScript, with everything that the import map names', async () => {
    const paths = Object.values(modules.importMap.imports)
    assert.ok(paths.includes('/kit/ui/browser/view.ts') && paths.includes('/kit/uplot.js'))
    for (const path of [...paths, '/own/time.ts']) {
      const { statusCode, headers, body } = await app.inject(path)
      assert.equal(statusCode, 200, path)
      assert.match(String(headers['content-type']), /^text\/javascript/)
      assert.doesNotMatch(body, /^import type/m)
    }
  })

  it('import only what is served', async () => {
    for (const path of Object.values(modules.importMap.imports)) {
      for (const imported of await modules.importedBy(path))
        assert.ok((await modules.read(imported)) !== undefined, `${path} leads to ${imported}`)
    }
  })

  it('lead to the kit and to the libraries by name', async () => {
    const imported = await modules.importedBy('/kit/ui/browser/chart/series-legend.ts')
    for (const path of ['/kit/ui/browser/view.ts', '/kit/lit-html/lit-html.js', '/kit/lit-html/directive-helpers.js'])
      assert.ok(imported.includes(path), path)
  })

  it('come with one style sheet', async () => {
    const { body, headers } = await app.inject(KIT_STYLE_PATH)
    assert.match(body, /\.u-over\b[\s\S]*--accent[\s\S]*\.skip\b[\s\S]*\.pill\b/)
    const again = await app.inject({ url: KIT_STYLE_PATH, headers: { 'if-none-match': String(headers.etag) } })
    assert.equal(again.statusCode, 304)
  })

  it('have an import map that a policy allows by its hash', () => {
    const { html, policySource } = importMapScript(modules)
    const text = />(.*)</.exec(html)?.[1] ?? ''
    assert.equal(policySource, `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    assert.equal(JSON.parse(text).imports.uplot, '/kit/uplot.js')
  })

  for (const path of [
    '/kit/x',
    '/kit/ui/browser/../../index.ts',
    '/kit/%2e%2e/index.ts',
    '/own/x.ts',
    '/kit/constructor',
  ])
    it(`${path} is not served`, async () => assert.equal((await app.inject(path)).statusCode, 404))
})
