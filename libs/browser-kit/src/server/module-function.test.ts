import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import vm from 'node:vm'
import { init } from 'es-module-lexer'
import { moduleFunction } from './module-function.ts'

const MODULES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  a: { b: 1, c: 2, default: 3 },
}

/** Runs a module and returns its exports. */
function run(source: string): { readonly exports: Record<string, unknown>; readonly imports: readonly string[] } {
  const { code, imports } = moduleFunction(source, 'here', (specifier) => specifier)
  const exports: Record<string, unknown> = {}
  const make: (use: (path: string) => unknown) => (exports: object) => void = vm.runInThisContext(`(use) => ${code}`)
  make((path) => MODULES[path])(exports)
  return { exports, imports }
}

describe('a module as a function', () => {
  before(() => init())

  for (const [source, exported] of [
    ["import { b, c as d } from 'a'\nexport const sum = b + d", { sum: 3 }],
    ['import {b as x,c}from"a";const y=x+c;export{y as sum,x};', { sum: 3, x: 1 }],
    ["import a from 'a'\nexport { a }", { a: 3 }],
    ["import a, { b } from 'a'\nexport const both = [a, b]", { both: [3, 1] }],
    ["import * as all from 'a'\nexport const own = all.c", { own: 2 }],
    ["import {\n  b,\n  c,\n} from 'a'\nexport const two = [b, c]", { two: [1, 2] }],
    ["import 'a'\nexport const one = 1", { one: 1 }],
    ["export { b, c as d } from 'a'", { b: 1, d: 2 }],
    ['export const [x, y] = [1, 2]', { x: 1, y: 2 }],
    ['class Chart {}\nexport { Chart as default, Chart }\nexport const name = Chart.name', { name: 'Chart' }],
    [
      "export const text = `import { b } from 'a'\nexport const c = 1`",
      { text: "import { b } from 'a'\nexport const c = 1" },
    ],
    ['export const first = later()\nexport function later() { return 1 }', { first: 1 }],
    ['// export const no = 1\nexport const yes = 1', { yes: 1 }],
  ] as const) {
    it(`${JSON.stringify(source)} exports ${Object.keys(exported)}`, () => {
      const { exports } = run(source)
      for (const [name, value] of Object.entries(exported)) assert.deepEqual(exports[name], value)
    })
  }

  it('names what it imports, once', () => {
    assert.deepEqual(run("import { b } from 'a'\nimport { c } from 'a'\nexport { default } from 'a'").imports, ['a'])
  })

  it('has two lines more than the module', () => {
    for (const source of [
      "import {\n  b,\n} from 'a'\nexport const x = b\n",
      "export {\n  b,\n  c,\n} from 'a'\nexport const x = 1\n",
      'const b = 1\nexport {\n  b,\n}\n',
    ]) {
      const { code } = moduleFunction(source, 'here', String)
      assert.equal(code.split('\n').length, source.split('\n').length + 2, source)
      const line = source.split('\n').findIndex((one) => one.includes('const'))
      assert.match(code.split('\n')[line + 1] ?? '', /^\s*const /)
    }
  })

  for (const source of [
    "const a = await import('a')",
    'const here = import.meta.url',
    "export * from 'a'",
    "export * as a from 'a'",
    'export default 1',
  ])
    it(`${source} can't be joined`, () => assert.throws(() => moduleFunction(source, 'here', String), /here has an/))
})
