import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { workersPatch } from '../../installation.ts'
import { loadDuring } from '../../load.ts'
import { ROOT_DIR } from '../../repository.ts'
import { expect, type Step } from '../../step.ts'
import { READY_MS } from '../../wait.ts'

const LOCAL = { base: 'overlays/local', patches: [workersPatch(2)] } as const

/** The newest release, or the commit before this one if there is none. */
function previousVersion(): string {
  const tag = execFileSync('git', ['tag', '--list', 'v*', '--sort=-version:refname'], {
    cwd: ROOT_DIR,
    encoding: 'utf8',
  })
  return tag.split('\n')[0] || 'HEAD~1'
}

const upgrade: Step = {
  name: 'the previous version’s manifests are upgraded to these, and back, under load',
  short: false,
  isIndependent: true,
  async run({ another }) {
    const version = previousVersion()
    const folder = mkdtempSync(join(tmpdir(), 'previous-'))
    const installation = another()
    try {
      const archive = execFileSync('git', ['archive', version, 'deploy'], {
        cwd: ROOT_DIR,
        maxBuffer: 64 * 1024 * 1024,
      })
      execFileSync('tar', ['--extract', '--directory', folder], { input: archive })
      const previous = { ...LOCAL, deployDir: join(folder, 'deploy') }
      await installation.create()
      await installation.apply(previous)
      await installation.rolledOut(READY_MS)
      const load = await loadDuring(installation, async () => {
        for (const composition of [LOCAL, previous]) {
          await installation.apply(composition)
          await installation.rolledOut(READY_MS)
        }
      })
      expect(load.failures === 0, `${load.failures} of ${load.requests} requests failed`)
      return `${version} and back: 0 of ${load.requests} requests failed`
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

export const upgradeSteps: readonly Step[] = [upgrade]
