import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import vm from 'node:vm'
import fastify, { type FastifyInstance } from 'fastify'
import { registerUi } from './register-ui.ts'

describe('the UI over HTTP', () => {
  let app: FastifyInstance
  before(async () => {
    app = fastify()
    await registerUi(app, { project: 'demo-"<p>' })
  })
  after(() => app.close())

  it('the page has a script that contains all pages and no tests, and a small one that sends the first requests', async () => {
    const { body } = await app.inject('/')
    const scripts = [...body.matchAll(/<script[^>]*src="([^"]+)"/g)].map((match) => match[1] ?? '')
    assert.deepEqual(scripts, ['/assets/early.js', '/kit/page.js'])
    const { statusCode, headers, body: code } = await app.inject('/kit/page.js')
    assert.equal(statusCode, 200)
    assert.match(String(headers['content-type']), /^text\/javascript/)
    new vm.Script(code)
    const files = await readdir(new URL('./browser/pages/', import.meta.url))
    for (const file of files) assert.ok(code.includes(`modules["pages/${file}"]`), file)
    assert.doesNotMatch(code, /^modules\[".*\.test\./m)
    const early = await app.inject('/assets/early.js')
    new vm.Script(early.body)
    const names = [...early.body.matchAll(/^modules\["(.*)\.[jt]s"\]/gm)].map((match) => match[1])
    assert.deepEqual(names.sort(), ['client/api', 'early', 'early-answers', 'route'])
    assert.match(early.body, /^\/\/# sourceMappingURL=\/assets\/early\.js\.map$/m)
  })

  it('the page contains the project, whatever its name', async () => {
    assert.ok((await app.inject('/')).body.includes('<meta name="project" content="demo-&#34;&#60;p>">'))
  })

  it('the content security policy allows nothing inline, and nothing is', async () => {
    const { body, headers } = await app.inject('/')
    assert.ok(String(headers['content-security-policy']).includes("script-src 'self';"))
    assert.doesNotMatch(body, / style=| on[a-z]+=|<script(?![^>]* src=)/)
  })

  it('the style sheet has all its parts', async () => {
    const { body } = await app.inject('/assets/style.css')
    const folder = new URL('./public/styles/', import.meta.url)
    for (const name of await readdir(folder))
      assert.ok(body.includes(await readFile(new URL(name, folder), 'utf8')), name)
  })

  it('cached files are not sent again', async () => {
    const { headers } = await app.inject('/assets/style.css')
    const again = await app.inject({ url: '/assets/style.css', headers: { 'if-none-match': String(headers.etag) } })
    assert.equal(again.statusCode, 304)
    assert.equal(again.body, '')
  })

  for (const path of ['/browser/main.ts', '/kit/%2e%2e/register-ui.ts', '/assets/x', '/assets/constructor']) {
    it(`${path} is not served`, async () => assert.equal((await app.inject(path)).statusCode, 404))
  }
})
