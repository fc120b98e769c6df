import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { ImageLab } from './image-lab.ts'

/** A process with an open lab. */
async function labProcess(): Promise<{ child: ChildProcess; folders: () => string[] }> {
  const lab = new URL('./image-lab.ts', import.meta.url).href
  const script = `import { ImageLab } from '${lab}'; new ImageLab(); setInterval(() => {}, 1000); console.log('open')`
  const args = ['--conditions=@node-to-cloud/source', '--input-type=module', '--eval', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`image-lab-${child.pid}-`))
  assert.equal(folders().length, 1)
  return { child, folders }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} removes the lab, and the process ends by the signal`, async () => {
    const { child, folders } = await labProcess()
    const ended = once(child, 'exit')
    child.kill(signal)
    assert.deepEqual(await ended, [null, signal])
    assert.deepEqual(folders(), [])
  })
}

test('a lab removes what a killed one has left, and leaves a running one alone', async () => {
  const killed = await labProcess()
  const living = await labProcess()
  try {
    const ended = once(killed.child, 'exit')
    killed.child.kill('SIGKILL')
    await ended
    await ImageLab.sweep()
    assert.deepEqual(killed.folders(), [])
    assert.equal(living.folders().length, 1)
  } finally {
    living.child.kill('SIGTERM')
    await once(living.child, 'exit')
  }
  assert.deepEqual(living.folders(), [])
})
