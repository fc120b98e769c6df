import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fastify, { type FastifyInstance } from 'fastify'
import { PageScript } from './page-script.ts'
import { KIT_STYLE_PATH, registerKit } from './register-kit.ts'

describe('the kit over HTTP', () => {
  let app: FastifyInstance
  before(async () => {
    app = fastify()
    const first = new PageScript(new URL('../ui/browser/theme.ts', import.meta.url), { path: '/first.js' })
    registerKit(app, new PageScript(new URL('../ui/browser/table.ts', import.meta.url)), first)
  })
  after(() => app.close())

  for (const [path, type, pattern] of [
    [KIT_STYLE_PATH, 'text/css', /\.u-over\b[\s\S]*--accent[\s\S]*\.skip\b[\s\S]*\.pill\b/],
    ['/kit/page.js', 'text/javascript', /^use\("table\.[jt]s"\)$/m],
    ['/kit/page.js.map', 'application/json', /"table\.[jt]s"/],
    ['/first.js', 'text/javascript', /^use\("theme\.[jt]s"\)\n\/\/# sourceMappingURL=\/first\.js\.map$/m],
    ['/first.js.map', 'application/json', /"theme\.[jt]s"/],
  ] as const) {
    it(`${path} is served, and not sent again if it is unchanged`, async () => {
      const { statusCode, headers, body } = await app.inject(path)
      assert.equal(statusCode, 200)
      assert.ok(String(headers['content-type']).startsWith(type))
      assert.match(body, pattern)
      const again = await app.inject({ url: path, headers: { 'if-none-match': String(headers.etag) } })
      assert.deepEqual([again.statusCode, again.body], [304, ''])
    })
  }

  for (const path of ['/kit/x', '/kit/ui/browser/view.ts', '/kit/%2e%2e/index.ts', '/kit/constructor'])
    it(`${path} is not served`, async () => assert.equal((await app.inject(path)).statusCode, 404))
})
