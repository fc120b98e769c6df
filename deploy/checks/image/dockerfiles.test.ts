import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { findBuildTool, type Probe } from '../../src/image/build-tool.ts'
import { readWorkspaces } from '../../src/image/workspaces.ts'
import { rootDir } from '../../src/repository.ts'
import { OWN_IMAGES } from '../rules/images.ts'

const dockerfiles = globSync('{apps,libs}/*/Dockerfile', { cwd: rootDir }).map((file) => ({
  folder: dirname(file),
  name: basename(dirname(file)),
  text: readFileSync(join(rootDir, file), 'utf8'),
}))

test('every image in the manifests has a Dockerfile', () => {
  assert.deepEqual(dockerfiles.map(({ name }) => name).sort(), [...OWN_IMAGES].sort())
})

test('all stages but the last differ only in the project', () => {
  const common = dockerfiles.map(({ folder, name, text }) =>
    text
      .slice(0, text.lastIndexOf('\nFROM'))
      .replaceAll(new RegExp(`${folder}(?=/Dockerfile| )`, 'g'), 'FOLDER')
      .replace(`--tag ${name} `, '--tag NAME '),
  )
  assert.equal(new Set(common).size, 1)
})

for (const { folder, name, text } of dockerfiles) {
  test(`${name}: installs every workspace, and runs its launcher as a non-root user`, () => {
    const copied = [...text.matchAll(/^COPY (\S+)\/package\.json \1\/$/gm)].map(([, copiedFolder]) => copiedFolder)
    const workspaces = [...readWorkspaces(rootDir).values()].map((workspace) => workspace.folder)
    assert.deepEqual(copied.sort(), workspaces.sort())
    assert.match(text, /^USER 65532:65532$/m)
    assert.ok(text.includes(`"/nodejs/bin/node", "${folder}/bin/${name}.js"]`))
    assert.ok(existsSync(join(rootDir, folder, 'bin', `${name}.js`)))
  })

  test(`${name}: base images are build arguments with a tag, and only the last stage is of the target platform`, () => {
    const from = [...text.matchAll(/^FROM --platform=\$\{(\w+)\} \$\{(\w+)\}/gm)].map(([, ...names]) => names.join(' '))
    assert.deepEqual(from, ['BUILDPLATFORM BUILD_IMAGE', 'BUILDPLATFORM BUILD_IMAGE', 'TARGETPLATFORM RUNTIME_IMAGE'])
    for (const [, image] of text.matchAll(/^ARG \w+_IMAGE=(\S+)$/gm))
      assert.match(image ?? '', /^[a-z0-9.]+\/\S+:[\w.-]+/)
    assert.doesNotMatch(text, /:latest/)
  })
}

test('builds with the first of docker, buildah and podman that works', () => {
  const with_ =
    (states: Record<string, ReturnType<Probe>>): Probe =>
    (program) =>
      states[program] ?? 'missing'
  assert.equal(findBuildTool(with_({ docker: 'works', buildah: 'works' })).program, 'docker')
  assert.equal(findBuildTool(with_({ docker: 'fails', buildah: 'works', podman: 'works' })).program, 'buildah')
  assert.equal(findBuildTool(with_({ podman: 'works' })).program, 'podman')
  assert.throws(() => findBuildTool(with_({})), /install docker, buildah or podman$/)
  assert.throws(() => findBuildTool(with_({ docker: 'fails' })), /docker is installed, but "docker info" fails/)
})

test('a folder that is not one of an image: one line that says which are', () => {
  const main = join(import.meta.dirname, '../../src/image/build-image.ts')
  for (const folder of ['nope', 'deploy', '--tag']) {
    const { status, stderr } = spawnSync(process.execPath, [main, folder], { env: { PATH: '' }, encoding: 'utf8' })
    assert.match(
      stderr,
      new RegExp(`^build-image.ts: "${folder}" has no Dockerfile; allowed: apps/custom-metrics-example, .*\n$`),
    )
    assert.equal(status, 2)
  }
})
