import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from './repository-root.ts'

const LAUNCHER = 'tools/node/bin/node'
const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(repositoryRoot, 'package.json'), 'utf8'),
)

for (const [name, command] of Object.entries(scripts)) {
  test(`npm run ${name} runs TypeScript on the Node that npm ci installed, whichever runs npm`, () => {
    if (/\S+\.ts\b/.test(command)) assert.ok(command.startsWith(`${LAUNCHER} `), command)
  })
}

const isInstalled = existsSync(join(repositoryRoot, `node_modules/node-linux-${process.arch}`))

test('what the launcher starts by the name node is the installed Node, too', { skip: !isInstalled }, () => {
  const code =
    "process.stdout.write(require('child_process').execFileSync('node', ['--version'], { encoding: 'utf8' }))"
  const env = { PATH: '/usr/bin:/bin' }
  const { stdout } = spawnSync(join(repositoryRoot, LAUNCHER), ['-e', code], { env, encoding: 'utf8' })
  assert.equal(stdout, `${process.version}\n`)
})
