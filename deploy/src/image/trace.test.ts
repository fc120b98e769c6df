import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { traceProject } from './trace.ts'

describe('the part of the repository that goes into an image', () => {
  let root = ''
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'trace-'))
    const files: Record<string, string | object> = {
      'package.json': { name: 'root', workspaces: ['apps/*', 'libs/*'] },
      'apps/web/package.json': {
        name: '@n/web',
        type: 'module',
        dependencies: { '@n/lib': '1', used: '1', heavy: '1' },
        container: { include: ['public/**'], loads: ['heavy/{core.js,style.css}'] },
      },
      'apps/web/bin/web.js': "await import('../dist/main.js')",
      'apps/web/src/main.ts': '',
      'apps/web/dist/main.js': "import '@n/lib'; import used from 'used'; export default used",
      'apps/web/dist/main.d.ts': '',
      'apps/web/dist/main.js.map': '{}',
      'apps/web/dist/worker.js': 'export {}',
      'apps/web/dist/main.test.js': "import 'only-tests'",
      'apps/web/public/index.html': '<p>',
      'apps/other/package.json': { name: '@n/other' },
      'apps/other/dist/main.js': '',
      'libs/lib/package.json': { name: '@n/lib', type: 'module', exports: './dist/index.js' },
      'libs/lib/dist/index.js': "import fs from 'node:fs'; fs.readFileSync(new URL('./data.json', import.meta.url))",
      'libs/lib/dist/data.json': '{}',
      'node_modules/used/package.json': { name: 'used', main: 'a.js' },
      'node_modules/used/LICENSE': 'MIT',
      'node_modules/used/LICENSES/of-a-part': 'MIT',
      'node_modules/used/README.md': '',
      'node_modules/used/a.js': "module.exports = require('./b.js')",
      'node_modules/used/b.js': '',
      'node_modules/used/unused.js': '',
      'node_modules/heavy/package.json': { name: 'heavy' },
      'node_modules/heavy/core.js': "require('./part.js')",
      'node_modules/heavy/part.js': '',
      'node_modules/heavy/style.css': '',
      'node_modules/heavy/cloud.js': '',
      'node_modules/only-tests/package.json': { name: 'only-tests' },
      'node_modules/only-tests/index.js': '',
    }
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), typeof content === 'string' ? content : JSON.stringify(content))
    }
    mkdirSync(join(root, 'node_modules/@n'))
    symlinkSync('../../libs/lib', join(root, 'node_modules/@n/lib'))
  })
  after(() => rmSync(root, { recursive: true }))

  test('is the build output of the project and its libraries, and the package files they load', async () => {
    assert.deepEqual((await traceProject(root, 'apps/web')).files, [
      'apps/web/bin/web.js',
      'apps/web/dist/main.js',
      'apps/web/dist/worker.js',
      'apps/web/package.json',
      'apps/web/public/index.html',
      'libs/lib/dist/data.json',
      'libs/lib/dist/index.js',
      'libs/lib/package.json',
      'node_modules/@n/lib',
      'node_modules/heavy/core.js',
      'node_modules/heavy/package.json',
      'node_modules/heavy/part.js',
      'node_modules/heavy/style.css',
      'node_modules/used/LICENSE',
      'node_modules/used/LICENSES/of-a-part',
      'node_modules/used/a.js',
      'node_modules/used/b.js',
      'node_modules/used/package.json',
    ])
  })

  test('a folder that is not a workspace and a project that is not built are errors', async () => {
    await assert.rejects(traceProject(root, 'apps/none'), /"apps\/none" is not a workspace; allowed: apps\/other/)
    rmSync(join(root, 'apps/other/dist'), { recursive: true })
    await assert.rejects(traceProject(root, 'apps/other'), /apps\/other is not built: run tsc -b apps\/other/)
  })
})
