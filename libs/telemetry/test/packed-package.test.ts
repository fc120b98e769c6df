import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readSeries, ServiceProcess } from './testing/service-process.ts'

const packageFolder = fileURLToPath(new URL('..', import.meta.url))
const workspaceModules = join(packageFolder, '..', '..', 'node_modules')

/** The code of a README's first block in JavaScript. */
function readExample(): string {
  const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8')
  return /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? assert.fail('the README has no example')
}

/** Links what `npm install` would fetch of the packages that the manifest names, and nothing else: they are there, only not in this project. */
function linkDependencies(manifestPath: string, to: string): void {
  const { dependencies } = JSON.parse(readFileSync(manifestPath, 'utf8')) as { dependencies: Record<string, string> }
  for (const name of Object.keys(dependencies)) {
    const own = join(packageFolder, 'node_modules', name)
    mkdirSync(dirname(join(to, name)), { recursive: true })
    symlinkSync(existsSync(own) ? own : join(workspaceModules, name), join(to, name))
  }
}

test("the README's ten lines run from npm pack in an empty project", async () => {
  const project = mkdtempSync(join(tmpdir(), 'empty-project-'))
  execFileSync(process.execPath, [join(workspaceModules, 'typescript', 'bin', 'tsc'), '-b', packageFolder])
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], {
    cwd: packageFolder,
    encoding: 'utf8',
  })
  const [tarball] = readdirSync(project).filter((name) => name.endsWith('.tgz'))
  assert.ok(tarball, packed)
  const installed = join(project, 'node_modules', '@node-to-cloud', 'telemetry')
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', join(project, tarball), '-C', installed, '--strip-components=1'])
  linkDependencies(join(installed, 'package.json'), join(project, 'node_modules'))
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty-project', version: '1.0.0', type: 'module' }),
  )
  const module = join(project, 'main.js')
  const example = readExample()
  assert.ok(
    example
      .trim()
      .split('\n')
      .filter((line) => line !== '').length <= 10,
  )
  writeFileSync(
    module,
    `${example}\ntelemetry.logger.info({ url: 'http://localhost:' + app.server.address().port }, 'The service is at it.')\n`,
  )
  assert.deepEqual(
    readdirSync(join(installed, 'dist')).filter((name) => name.includes('.test.')),
    [],
  )

  await using service = new ServiceProcess({ module, conditions: [] })
  await service.untilReady()
  assert.equal(await (await fetch(await service.serviceUrl())).text(), 'Hello World!')
  assert.equal(
    readSeries(
      await service.scrape(),
      'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/",http_response_status_code="200"}',
    ),
    1,
  )
  service.kill('SIGTERM')
  assert.deepEqual(await service.exit, { code: 0, signal: null })
})
