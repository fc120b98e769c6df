import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { loadModule, type ModuleExports } from './module-loader.ts'
import { findModule } from './module-path.ts'

describe('a module of a script', () => {
  let root = ''
  let count = 0
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'loadtester-modules-'))
  })
  after(() => rm(root, { recursive: true }))

  /** Writes files to a folder of their own, and gives its path. */
  async function write(files: Readonly<Record<string, string>>): Promise<string> {
    const folder = join(root, String(count++))
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), text)
    }
    return folder
  }

  async function load(path: string): Promise<ModuleExports> {
    const { exports } = await loadModule(findModule(path) ?? path)
    return { ...(exports.default as object | undefined), ...exports }
  }

  const commonjs = '{ "type": "commonjs" }'
  const cases: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    [
      'enums and namespaces',
      { 'p.ts': 'enum E { A = 20, B }\nnamespace N { export const x = E.B }\nexport const v = N.x + E.A + 1' },
    ],
    [
      'parameter properties',
      { 'p.ts': 'class C { constructor(readonly x: number) {} }\nexport const v = new C(42).x' },
    ],
    [
      'imports without ending',
      { 'p.ts': 'import { x } from "./lib/x"\nexport const v = x + 1', 'lib/x.ts': 'export const x: number = 41' },
    ],
    [
      'imports of a folder',
      {
        'p.ts': 'import { x } from "./lib"\nexport const v = x',
        'lib/index.ts': 'export { x } from "./x"',
        'lib/x.ts': 'export const x = 42',
      },
    ],
    [
      'imports of the compiled name',
      { 'p.ts': 'import { x } from "./x.js"\nexport const v = x', 'x.ts': 'export const x = 42' },
    ],
    [
      'imports that are types only',
      {
        'p.ts':
          'import { T, x, type U } from "./x"\nimport { Q } from "a-package-that-is-not-there"\nexport const v: T & U = x; export const q = (a: Q) => a',
        'x.ts': 'export type T = number; export type U = number; export const x = 42',
      },
    ],
    [
      'ES syntax in a CommonJS package',
      {
        'package.json': commonjs,
        'p.ts': 'import { x } from "./x"\nexport const v = x',
        'x.ts': 'export const x: number = 42',
      },
    ],
    [
      'ES syntax in CommonJS JavaScript that it imports',
      {
        'package.json': commonjs,
        'p.ts': 'import { x } from "./x"\nexport const v = x',
        'x.js': 'export const x = 42',
      },
    ],
    [
      'CommonJS in an ES package',
      {
        'package.json': '{ "type": "module" }',
        'p.ts': 'const { x } = require("./x")\nmodule.exports = { v: x as number }',
        'x.ts': 'exports.x = 42',
      },
    ],
    [
      'both in one file',
      {
        'p.ts':
          'import { readFileSync } from "node:fs"\nimport { join } from "node:path"\nmodule.exports = { v: Number(readFileSync(join(__dirname, "n.txt"), "utf8")) }',
        'n.txt': '42',
      },
    ],
    [
      'require in an ES module',
      { 'p.ts': 'const { x } = require("./x")\nexport const v = x', 'x.ts': 'module.exports = { x: 42 }' },
    ],
    [
      'import and export by assignment',
      { 'p.ts': 'import path = require("node:path")\nexport = { v: path.join("4", "2").length * 14 }' },
    ],
    ['JSON', { 'p.ts': 'import data from "./data.json"\nexport const v = data.x', 'data.json': '{ "x": 42 }' }],
    [
      'JSON by require',
      { 'p.ts': 'const data = require("./data")\nexport const v = data.x', 'data.json': '{ "x": 42 }' },
    ],
    [
      'imports for their effects',
      {
        'p.ts': 'import "./x"\nexport const v = Reflect.get(globalThis, "loadtesterX")',
        'x.mts': 'Reflect.set(globalThis, "loadtesterX", 42)',
      },
    ],
    ['a default export', { 'p.ts': 'export default { v: 42 as const }' }],
    [
      'its own createRequire',
      {
        'p.ts':
          'import { createRequire } from "node:module"\nconst require = createRequire(import.meta.url)\nexport const v = require("./x").x',
        'x.cjs': 'exports.x = 42',
      },
    ],
    ['top-level await', { 'p.ts': 'export const v: number = await Promise.resolve(42)' }],
    [
      'JavaScript that requires TypeScript',
      { 'p.js': 'module.exports = { v: require("./x").x }', 'x.ts': 'enum E { x = 42 }\nexport const x = E.x' },
    ],
    [
      'modules that import each other',
      {
        'p.ts': 'import { f } from "./q"\nexport const w = 21\nexport const v = f()',
        'q.ts': 'import { w } from "./p"\nexport const f = (): number => 2 * 21 || w',
      },
    ],
  ]
  for (const [name, files] of cases) {
    it(`may have ${name}`, async () => {
      assert.equal((await load(join(await write(files), 'p'))).v, 42)
    })
  }

  for (const [name, files, path] of [
    ['its path without ending', { 'a.ts': 'export const v = 1' }, 'a'],
    ['JavaScript before TypeScript', { 'b.js': 'exports.v = 1', 'b.ts': 'export const v = 2' }, 'b'],
    ['its folder', { 'c/index.js': 'exports.v = 1' }, 'c'],
    ['a folder of TypeScript', { 'd/index.ts': 'export const v: number = 1' }, 'd'],
    ["its package's main", { 'e/package.json': '{ "main": "lib/main" }', 'e/lib/main.js': 'exports.v = 1' }, 'e'],
  ] as const) {
    it(`is found by ${name}`, async () => {
      assert.equal((await load(join(await write(files), path))).v, 1)
    })
  }

  it('is loaded again if a file that it imports has changed', async () => {
    const folder = await write({ 'p.ts': 'import { x } from "./x"\nexport const v = x', 'x.ts': 'export const x = 1' })
    const path = join(folder, 'p.ts')
    const first = await loadModule(path)
    assert.equal((await loadModule(path)).exports, first.exports)
    await writeFile(join(folder, 'x.ts'), 'export const x = 2')
    const second = await loadModule(path)
    assert.deepEqual([first.exports.v, second.exports.v], [1, 2])
    assert.deepEqual([...second.files.keys()], [path, join(folder, 'x.ts')])
  })

  it('is refused with what is wrong', async () => {
    const folder = await write({
      'p.ts': 'export const v = (',
      'q.ts': 'import "./missing"',
      'r.ts': '@dec class A {}\nexport const v = 1',
    })
    await assert.rejects(loadModule(join(folder, 'p.ts')), SyntaxError)
    await assert.rejects(loadModule(join(folder, 'q.ts')), /missing/)
    await assert.rejects(loadModule(join(folder, 'r.ts')), SyntaxError)
  })
})
