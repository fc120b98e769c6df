import assert from 'node:assert/strict'
import { type ExecFileSyncOptions, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { repositoryRoot } from '../src/repository-root.ts'
import { EmptyProject } from './empty-project.ts'

/** The versions of npm that Node 20, 22 and 24 come with. */
const VERSIONS = ['10', '11']
/** Away from the ports of what runs besides. */
const PORT_OFFSET = '700'
const MAX_LINES_OF_WARNINGS = 12

const project = new EmptyProject()
after(() => project[Symbol.asyncDispose]())
project.useNode(readersNode())

for (const version of VERSIONS)
  test(`npm ${version} under the reader's own Node: installs without many warnings, starts, and tests`, (t) => {
    const tool = join(project.folder, `npm-${version}`)
    const clone = join(project.folder, `clone-${version}`)
    project.write(join(`npm-${version}`, 'package.json'), '{}')
    execFileSync('npm', ['install', '--prefix', tool, '--no-audit', '--no-fund', `npm@${version}`], options())
    execFileSync('git', ['clone', '--quiet', repositoryRoot, clone])
    const npm = (args: readonly string[], more: ExecFileSyncOptions = {}): string => {
      const path = [join(tool, 'node_modules', '.bin'), project.env.PATH].join(':')
      const env = { ...project.env, PATH: path }
      return String(execFileSync('npm', args, { ...options(), cwd: clone, env, ...more }))
    }
    assert.ok(npm(['--version']).startsWith(`${version}.`))

    const printed = npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=warn'], { stdio: 'pipe' })
    t.diagnostic(printed.trim())
    assert.ok(printed.split('\n').length <= MAX_LINES_OF_WARNINGS, printed)
    const verified: unknown = JSON.parse(
      npm(['run', '--silent', 'verify', '--', '--json', '--port-offset', PORT_OFFSET]),
    )
    assert.ok(isObject(verified) && verified.ok === true, JSON.stringify(verified))
    assert.match(npm(['test', '--', '--projects=command-line']), /0 failed/)
    assert.match(npm(['exec', '--no', '--', 'cloud-emulator', '--version']), /^\d/)
  })

function options(): ExecFileSyncOptions {
  return { env: project.env, stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 26 }
}

/** The first Node in PATH that did not come with `npm ci`; else the one that runs this. */
function readersNode(): string {
  const folders = (process.env.PATH ?? '').split(':').filter((folder) => !/node_modules/.test(folder))
  return folders.map((folder) => join(folder, 'node')).find((file) => existsSync(file)) ?? process.execPath
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
