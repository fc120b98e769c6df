import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdir, readFile, realpath } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

/** `overrides` in the root package.json leave out what Artillery declares but what nothing here runs (tools/install). */

const run = promisify(execFile)
const artilleryRoot = path.dirname(createRequire(import.meta.url).resolve('artillery/package.json'))
const stub = await realpath(path.join(import.meta.dirname, '../../../tools/install/left-out'))

/** The names that the commands of Artillery import from each package, by `import { … } from 'package'`. */
async function importedNames(): Promise<Map<string, Set<string>>> {
  const names = new Map<string, Set<string>>()
  const lib = path.join(artilleryRoot, 'dist/lib')
  for (const file of await readdir(lib, { recursive: true })) {
    if (!file.endsWith('.js')) continue
    const source = await readFile(path.join(lib, file), 'utf8')
    for (const [, list = '', name = ''] of source.matchAll(/^import \{([^}]*)\} from '([^.'][^']*)'/gm)) {
      const known = names.get(name) ?? new Set()
      for (const item of list.split(',')) known.add(item.trim().replace(/ as .*/, ''))
      names.set(name, known)
    }
  }
  return names
}

test('what is left out exports every name that Artillery imports from it', async () => {
  const { overrides }: { overrides: { artillery: Record<string, string> } } = JSON.parse(
    await readFile(path.join(import.meta.dirname, '../../../package.json'), 'utf8'),
  )
  const leftOut = Object.entries(overrides.artillery).filter(([, spec]) => spec.endsWith('/left-out'))
  assert.ok(leftOut.length > 10)
  const exported = new Set(Object.keys(await import(pathToFileURL(path.join(stub, 'left-out.js')).href)))
  const imported = await importedNames()
  let checked = 0
  for (const [name] of leftOut) {
    assert.equal(await realpath(path.join(artilleryRoot, '..', name)), stub, `${name} is left out`)
    for (const [specifier, names] of imported) {
      if (specifier !== name && !specifier.startsWith(`${name}/`)) continue
      for (const item of names) assert.ok(exported.has(item), `${item} of ${specifier}`)
      checked += names.size
    }
  }
  assert.ok(checked > 40, `${checked} names`)
})

for (const args of [['--version'], ['run', '--help'], ['quick', '--help'], ['report', '--help']]) {
  test(`artillery ${args.join(' ')} runs without what is left out`, { timeout: 60_000 }, async () => {
    const { stdout, stderr } = await run(process.execPath, [path.join(artilleryRoot, 'bin/run'), ...args], {
      env: { ...process.env, ARTILLERY_DISABLE_TELEMETRY: '1', NO_COLOR: '1' },
    })
    assert.match(stdout, args[0] === '--version' ? /2\.0\.34/ : /USAGE/)
    assert.doesNotMatch(stderr, /ERR_|Error|WARNING/)
  })
}
