import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type LoadScript, type ReadScriptOptions, readScript } from './script.ts'
import { ScriptError } from './script-error.ts'

const SCRIPT = `config:
  target: http://a
  phases: [{ duration: 1, arrivalRate: "{{ rate }}" }, { duration: 9, arrivalRate: 9 }]
  tls: { ca: my-ca, rejectUnauthorized: true }
  variables: { rate: 2, kind: [a, b], kept: 1 }
  payload: { fields: [id] }
scenarios:
  - name: buy a book
    flow: [{ get: { url: /book } }]
  - name: buy
    flow: [{ get: { url: /buy } }]
  - flow: [{ get: { url: /nameless } }]
`

describe('the settings of a run, as the options of artillery run', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-settings-'))
    await writeFile(join(folder, 'script.yml'), SCRIPT)
    await writeFile(join(folder, 'ids.csv'), 'x\ny\n')
    await writeFile(join(folder, 'more.yml'), 'config: { http: { timeout: 3 }, processor: ./functions.cjs }\n')
    await writeFile(join(folder, 'functions.cjs'), 'exports.mine = () => {}\n')
  })
  after(() => rm(folder, { recursive: true }))

  const read = (settings: ReadScriptOptions): Promise<LoadScript> =>
    readScript(join(folder, 'script.yml'), {
      variables: { rate: 3 },
      ...settings,
      payload: settings.payload ?? join(folder, 'ids.csv'),
    })

  it('variables: laid over those of the script, also in templates of config', async () => {
    const { document, plan } = await read({ variables: { rate: 5, more: { deep: [1] } } })
    assert.deepEqual(document.config.variables, { rate: 5, kind: ['a', 'b'], kept: 1, more: { deep: [1] } })
    assert.equal(plan.profile.areaAt(1), 5)
  })

  it('overrides: laid over the whole script, a list replaces a list', async () => {
    const { document, plan, target } = await read({
      target: 'http://b',
      overrides: {
        config: { phases: [{ duration: 4, arrivalRate: 1 }], tls: { ca: 'theirs' }, target: 'http://c' },
        scenarios: [{ flow: [{ get: { url: '/only' } }] }],
      },
    })
    assert.equal(plan.profile.durationSeconds, 4)
    assert.deepEqual(document.config.tls, { ca: 'theirs', rejectUnauthorized: true })
    assert.equal(document.scenarios.length, 1)
    assert.equal(target, 'http://c')
  })

  it('insecure: certificates are not checked, whatever the script says', async () => {
    const { document } = await read({ insecure: true })
    assert.deepEqual(document.config.tls, { ca: 'my-ca', rejectUnauthorized: false })
  })

  it('payload: the rows of the given file', async () => {
    const { document } = await read({})
    assert.deepEqual(document.config.payload?.[0]?.data, [['x'], ['y']])
  })

  it('config: its sections are laid over those of the script, its processor stands beside it', async () => {
    const { document } = await read({ config: join(folder, 'more.yml') })
    assert.deepEqual(document.config.http, { timeout: 3 })
    assert.deepEqual(Object.keys(Object(document.config.processor)), ['mine', 'default', 'module.exports'])
  })

  for (const [scenario, name] of [
    ['buy', 'buy'],
    ['buy a book', 'buy a book'],
    ['book$', 'buy a book'],
  ] as const) {
    it(`scenario ${scenario} is "${name}"`, async () => {
      const { document } = await read({ scenario })
      assert.deepEqual(
        document.scenarios.map((one) => one.name),
        [name],
      )
    })
  }

  for (const [settings, field, says] of [
    [{ scenario: 'sell' }, 'scenario', /matches no scenario; the script has: buy a book, buy, \(no name\)/],
    [{ scenario: '^b' }, 'scenario', /matches 2 scenarios/],
    [{ scenario: '(' }, 'scenario', /regular expression/],
    [{ overrides: { config: 7 } }, 'overrides.config', /mapping/],
    [{ config: '/nowhere/config.yml' }, undefined, /can't be read/],
  ] as const) {
    it(`refuses ${JSON.stringify(settings)}`, async () => {
      await assert.rejects(
        read(settings),
        (error) => error instanceof ScriptError && error.field === field && says.test(error.message),
      )
    })
  }

  it('refuses a payload for a script that has none', async () => {
    const path = join(folder, 'plain.yml')
    await writeFile(path, 'config: { target: "http://a" }\nscenarios: [{ flow: [{ get: { url: / } }] }]\n')
    await assert.rejects(readScript(path, { payload: 'ids.csv' }), /config\.payload must be one file/)
  })
})
