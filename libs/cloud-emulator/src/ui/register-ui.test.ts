import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import fastify, { type FastifyInstance } from 'fastify'
import { registerUi } from './register-ui.ts'

describe('the UI over HTTP', () => {
  let app: FastifyInstance
  before(async () => {
    app = fastify()
    await registerUi(app, { project: 'demo-"<p>' })
  })
  after(() => app.close())

  it('the page preloads existing modules, each as valid JavaScript', async () => {
    const { body } = await app.inject('/')
    const paths = [...body.matchAll(/rel="modulepreload" href="([^"]+)"/g)].map((match) => match[1] ?? '')
    assert.ok(paths.length > 30)
    for (const path of paths) {
      const { statusCode, headers, body: code } = await app.inject(path)
      assert.equal(statusCode, 200, path)
      assert.match(String(headers['content-type']), /^text\/javascript/)
      assert.doesNotMatch(code, /^import type/m)
    }
    assert.ok(!paths.some((path) => path.includes('.test.')))
  })

  it('the page only preloads what its first view needs: no other pages, no modules that are only types', async () => {
    const { body } = await app.inject('/')
    const preloaded = new Set([...body.matchAll(/rel="modulepreload" href="([^"]+)"/g)].map((match) => match[1]))
    for (const needed of ['main.ts', 'early.ts', 'dashboard/widgets/chart/xy-chart.ts', 'chart/time-chart.ts'])
      assert.ok(preloaded.has(`/browser/${needed}`), needed)
    for (const needed of ['uplot.js', 'lit-html/lit-html.js', 'format/value.ts'])
      assert.ok(preloaded.has(`/kit/${needed}`), needed)
    for (const later of ['pages/metrics-page.ts', 'pages/traces-page.ts', 'traces/waterfall.ts', 'app-context.ts'])
      assert.ok(!preloaded.has(`/browser/${later}`), later)
  })

  it('the page names the project, whatever its name', async () => {
    assert.ok((await app.inject('/')).body.includes('<meta name="project" content="demo-&#34;&#60;p>">'))
  })

  it('every import of a module is served, and preloaded if the first view needs it', async () => {
    const { body } = await app.inject('/')
    const { imports }: { imports: Record<string, string> } = JSON.parse(
      /<script type="importmap">([^<]*)</.exec(body)?.[1] ?? '',
    )
    const first = [...body.matchAll(/href="(\/(?:browser|kit)\/[^"]+\.[jt]s)"/g)].map((match) => match[1] ?? '')
    const later = ['metrics', 'traces', 'logs', 'alerts', 'writes'].map((page) => `/browser/pages/${page}-page.ts`)
    const paths = [...first, ...later]
    for (const path of paths.filter((one) => !one.startsWith('/kit/lit-html/'))) {
      // Templates may hold code that the page shows and does not run.
      const code = (await app.inject(path)).body.replace(/`[^`]*`/g, '``')
      for (const [, target = ''] of code.matchAll(/^(?:import|export|\}).*\bfrom '([^']+)'/gm)) {
        const resolved = target.startsWith('.')
          ? new URL(target, `http://host${path}`).pathname
          : (imports[target] ?? '')
        assert.equal((await app.inject(resolved)).statusCode, 200, `${path} imports ${target}`)
        if (first.includes(path)) assert.ok(first.includes(resolved), `${path} imports ${target}, which is preloaded`)
        else if (!paths.includes(resolved)) paths.push(resolved)
      }
    }
  })

  it('the policy allows the import map by its hash, and nothing else inline', async () => {
    const { body, headers } = await app.inject('/')
    const importMap = /<script type="importmap">([^<]*)<\/script>/.exec(body)?.[1] ?? ''
    const hash = createHash('sha256').update(importMap).digest('base64')
    assert.ok(String(headers['content-security-policy']).includes(`script-src 'self' 'sha256-${hash}';`))
    assert.doesNotMatch(body, / style=| on[a-z]+=/)
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

  for (const path of [
    '/browser/nothing.ts',
    '/browser/../register-ui.ts',
    '/browser/%2e%2e/register-ui.ts',
    '/assets/x',
    '/assets/constructor',
  ]) {
    it(`${path} is not served`, async () => assert.equal((await app.inject(path)).statusCode, 404))
  }
})
