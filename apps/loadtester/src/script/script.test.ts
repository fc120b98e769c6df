import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ScriptCatalog } from './files/script-catalog.ts'
import { readScript } from './script.ts'
import { ScriptError } from './script-error.ts'

describe('readScript', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-script-'))
  })
  after(() => rm(folder, { recursive: true }))

  async function write(name: string, text: string): Promise<string> {
    const path = join(folder, name)
    await writeFile(path, text)
    return path
  }

  const flow = '\nscenarios:\n  - flow:\n      - get: { url: / }\n'

  it('reads YAML with phases, environments and environment variables', async () => {
    process.env.LOADTESTER_TEST_RATE = '7'
    const path = await write(
      'a.yml',
      `config:\n  target: http://a/\n  phases: [{ duration: 2, arrivalRate: "{{ $env.LOADTESTER_TEST_RATE }}" }]\n  environments: { stage: { target: "http://stage" } }${flow}`,
    )
    const script = await readScript(path)
    assert.deepEqual([script.name, script.target, script.plan?.profile.areaAt(2)], ['a.yml', 'http://a', 14])
    assert.equal((await readScript(path, { environment: 'stage' })).target, 'http://stage')
    assert.equal((await readScript(path, { target: 'http://b:1' })).target, 'http://b:1')
  })

  it('refuses templates in a given target, which could read the environment', async () => {
    const path = await write('plain.yml', `config: { target: "http://a" }${flow}`)
    await assert.rejects(
      readScript(path, { target: 'http://b/{{ $env.HOME }}' }),
      (error) => error instanceof ScriptError && error.field === 'target' && !error.message.includes('/root'),
    )
  })

  for (const environment of ['nowhere', 'constructor', '__proto__']) {
    it(`refuses the environment ${environment}, which the script does not have`, async () => {
      const path = await write('stages.yml', `config: { target: "http://a", environments: { stage: {} } }${flow}`)
      await assert.rejects(
        readScript(path, { environment, target: 'http://b' }),
        (error) => error instanceof ScriptError && /it has: stage/.test(error.message),
      )
      assert.equal(Reflect.get(Object, 'target'), undefined)
    })
  }

  it('reads a TypeScript module without writing next to it; its functions are the processor', async () => {
    const path = await write(
      'b.ts',
      `export const config = { target: 'http://a' as string }
       export const scenarios = [{ flow: [{ function: 'greet' }] }]
       export function greet(_context: unknown, _events: unknown, next: () => void): void { next() }
       export const shape = (second: number) => (second < 3 ? { rate: 1 } : undefined)`,
    )
    const script = await readScript(path)
    assert.equal(typeof (script.document.config.processor as Record<string, unknown>).greet, 'function')
    assert.deepEqual(script.shape?.(0), { rate: 1 })
    assert.ok(!(await readdir(folder)).includes('dist'))
  })

  for (const [extension, body] of [
    ['ts', (rate: number) => `export const shape = () => ({ rate: ${rate} as number })`],
    ['cjs', (rate: number) => `exports.shape = () => ({ rate: ${rate} })`],
  ] as const) {
    it(`reads a .${extension} module again after a change`, async () => {
      const module = (rate: number): string => {
        const parts = `scenarios = [{ flow: [{ get: { url: '/' } }] }]`
        const config = `config = { target: 'http://a' }`
        return extension === 'ts'
          ? `export const ${config}\nexport const ${parts}\n${body(rate)}`
          : `exports.${config}\nexports.${parts}\n${body(rate)}`
      }
      const path = await write(`changed.${extension}`, module(1))
      assert.deepEqual((await readScript(path)).shape?.(0), { rate: 1 })
      await write(`changed.${extension}`, module(2))
      assert.deepEqual((await readScript(path)).shape?.(0), { rate: 2 })
    })
  }

  it('reads processors in TypeScript, and CSV payloads', async () => {
    await write(
      'functions.ts',
      'export async function prepare(context: { vars: Record<string, unknown> }): Promise<void> { context.vars.x = 1 }',
    )
    await write('users.csv', 'name,age\nAda,36\nAlan,41\n')
    const path = await write(
      'c.yml',
      `config:\n  target: http://a\n  processor: ./functions.ts\n  payload: { path: users.csv, fields: [name, age], skipHeader: true }${flow}`,
    )
    const { document } = await readScript(path)
    assert.equal(typeof (document.config.processor as Record<string, unknown>).prepare, 'function')
    assert.deepEqual(document.config.payload?.[0]?.data, [
      ['Ada', 36],
      ['Alan', 41],
    ])
  })

  it('starts one virtual user if there are no phases, as Artillery does', async () => {
    const { plan } = await readScript(await write('plain.yml', `config: { target: "http://a" }${flow}`))
    assert.equal(plan.profile.areaAt(plan.profile.durationSeconds), 1)
  })

  for (const [name, text, value] of [
    ['booleans', 'yes', 'yes'],
    ['octal numbers', '0123', 83],
    ['numbers with underscores', '1_000', 1000],
    ['sexagesimal numbers', '1:30', 90],
    ['hexadecimal numbers', '0x10', 16],
    ['nothing', '~', null],
  ] as const) {
    it(`reads ${name} in YAML as Artillery does`, async () => {
      const path = await write('scalars.yml', `config:\n  target: http://a\n  variables: { v: ${text} }${flow}`)
      assert.deepEqual((await readScript(path)).document.config.variables, { v: value })
    })
  }

  it('reads JSON with comments and trailing commas, as Artillery does', async () => {
    const path = await write(
      'comments.json',
      '{\n\t# the target\n\t"config": { "target": "http://a", },\n\t"scenarios": [{ "flow": [{ "get": { "url": "/" } }] }],\n}',
    )
    assert.equal((await readScript(path)).target, 'http://a')
  })

  it('reads an anchor that is used more than 100 times', async () => {
    const steps = Array.from({ length: 300 }, () => '      - *step\n').join('')
    const path = await write(
      'anchors.yml',
      `config: { target: "http://a" }\nscenarios:\n  - flow:\n      - &step { get: { url: / } }\n${steps}`,
    )
    assert.equal((await readScript(path)).document.scenarios[0]?.flow.length, 301)
  })

  it('refuses aliases that add up to too much', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, index) => `l${index + 1}: &l${index + 1} [${Array(9).fill(`*l${index}`).join(', ')}]`,
    )
    const path = await write('bomb.yml', `l0: &l0 [x]\n${levels.join('\n')}\nconfig: { target: "http://a" }${flow}`)
    await assert.rejects(readScript(path), /add up to more than 1000000 values/)
  })

  it('lays the phases of an environment over the others item by item, as Artillery does', async () => {
    const path = await write(
      'overlay.yml',
      `config:
  target: http://a
  phases: [{ duration: 10, arrivalRate: 2, name: first }, { duration: 20, arrivalRate: 3 }]
  environments:
    stage: { phases: [{ arrivalRate: 7 }], variables: { ids: [9] } }
  variables: { ids: [1, 2] }${flow}`,
    )
    const { config } = (await readScript(path, { environment: 'stage' })).document
    assert.deepEqual(config.phases, [
      { duration: 10, arrivalRate: 7, name: 'first' },
      { duration: 20, arrivalRate: 3 },
    ])
    assert.deepEqual(config.variables, { ids: [9, 2] })
  })

  it('fills in functions in config, with the same values for all who read the script for a run', async () => {
    const path = await write(
      'functions.yml',
      `config:
  target: http://a
  variables: { session: "s-{{ $randomString(6) }}", number: "{{ $randomNumber(3, 3) }}" }
  http: { defaults: { headers: { x-run: "{{ $randomString(4) }}", x-test: "{{ $testId }}" } } }${flow}`,
    )
    const [first, again, other] = await Promise.all(
      ['a', 'a', 'b'].map(async (testId) => (await readScript(path, { testId })).document.config),
    )
    assert.match(String(first?.variables?.session), /^s-[A-Za-z0-9]{6}$/)
    assert.equal(first?.variables?.number, '3')
    assert.match(JSON.stringify(first?.http), /"x-run":"[A-Za-z0-9]{4}","x-test":"a"/)
    assert.deepEqual([first?.variables, first?.http], [again?.variables, again?.http])
    assert.notEqual(first?.variables?.session, other?.variables?.session)
  })

  it('refuses a function that config does not have', async () => {
    const path = await write('unknown.yml', `config: { target: "http://a", variables: { v: "{{ $uuid() }}" } }${flow}`)
    await assert.rejects(
      readScript(path),
      (error) =>
        error instanceof ScriptError && error.field === 'config.variables.v' && /\$randomString/.test(error.message),
    )
  })

  it('has another digest after a change of the script or one of its files', async () => {
    await write('rows.csv', 'a\n')
    const path = await write('d.yml', `config:\n  target: http://a\n  payload: { path: rows.csv, fields: [x] }${flow}`)
    const first = (await readScript(path)).digest
    assert.equal((await readScript(path)).digest, first)
    await write('rows.csv', 'b\n')
    assert.notEqual((await readScript(path)).digest, first)
  })

  for (const { name, text, field, says } of [
    { name: 'broken.yml', text: 'config: [', field: undefined, says: /broken\.yml/ },
    { name: 'empty.yml', text: '', field: undefined, says: /config and scenarios/ },
    { name: 'none.yml', text: 'config: { target: "http://a" }', field: 'scenarios', says: /at least one scenario/ },
    { name: 'target.yml', text: `config: {}${flow}`, field: 'config.target', says: /TARGET_HOST/ },
    { name: 'badtarget.yml', text: `config: { target: nowhere }${flow}`, field: 'config.target', says: /"nowhere"/ },
    {
      name: 'nourl.yml',
      text: 'config: { target: "http://a" }\nscenarios: [{ engine: http, flow: [{ get: {} }] }]',
      field: 'scenarios[0].flow[0].get.url',
      says: /required/,
    },
    {
      name: 'payload.yml',
      text: `config: { target: "http://a", payload: { path: missing.csv, fields: [a] } }${flow}`,
      field: 'config.payload[0].path',
      says: /missing\.csv/,
    },
    {
      name: 'processor.yml',
      text: `config: { target: "http://a", processor: ./missing.js }${flow}`,
      field: 'config.processor',
      says: /missing\.js/,
    },
    { name: 'wrong.txt', text: '', field: undefined, says: /\.yml/ },
    { name: 'syntax.ts', text: 'export const config = {', field: undefined, says: /can't be loaded/ },
  ]) {
    it(`refuses ${name}`, async () => {
      const path = await write(name, text)
      await assert.rejects(
        readScript(path),
        (error) => error instanceof ScriptError && error.field === field && says.test(error.message),
      )
    })
  }

  it('refuses a missing file', async () => {
    await assert.rejects(readScript(join(folder, 'nowhere.yml')), ScriptError)
  })

  it('finds scripts in a folder by name, and nothing outside it', async () => {
    const catalog = new ScriptCatalog(folder)
    assert.ok((await catalog.names()).includes('a.yml'))
    assert.equal(catalog.resolve('a.yml'), join(folder, 'a.yml'))
    for (const name of ['../a.yml', '/etc/passwd', '.hidden.yml', 'users.csv', 'missing.yml', '']) {
      assert.throws(() => catalog.resolve(name), ScriptError)
    }
  })
})
