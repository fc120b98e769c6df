import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { repositoryRoot } from '../src/repository-root.ts'
import { isTestCode } from '../src/test-code.ts'

const IMAGES = globSync('{apps,libs}/*/Dockerfile', { cwd: repositoryRoot })
  .map((file) => file.replace('/Dockerfile', ''))
  .sort()

before(() => execFileSync(join(repositoryRoot, 'node_modules/.bin/tsc'), ['-b'], { cwd: repositoryRoot }))

for (const project of IMAGES) {
  test(`the image of ${project} contains no test code`, () => {
    const image = mkdtempSync(join(tmpdir(), 'image-'))
    try {
      execFileSync(process.execPath, ['deploy/src/image/assemble.ts', project, image], { cwd: repositoryRoot })
      const files = readdirSync(image, { recursive: true, encoding: 'utf8' })
      assert.ok(files.includes(join(project, 'package.json')))
      const found = files.filter((file) => {
        const folder = /^(?:apps|libs)\/[^/]+/.exec(file)?.[0] ?? ''
        return isTestCode(folder, folder === '' ? file : file.slice(folder.length + 1))
      })
      assert.deepEqual(found, [])
    } finally {
      rmSync(image, { recursive: true })
    }
  })
}
