import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { buildKustomization } from '../../checks/kustomize/build.ts'
import { findKustomize } from '../../checks/kustomize/tool.ts'
import type { Manifest } from '../../checks/manifest.ts'
import { deployDir } from '../../src/repository.ts'
import { ImageLab, reasonAgainst } from '../image-lab.ts'
import { answers, asInManifest, IMAGES } from '../in-manifest.ts'

const EMULATOR = '/proc/sys/fs/binfmt_misc/qemu-aarch64'
const reason =
  reasonAgainst() ??
  (process.arch === 'arm64' || existsSync(EMULATOR)
    ? undefined
    : 'the kernel knows no emulator of arm64: apt-get install qemu-user-static binfmt-support')

describe('images for arm64', { skip: reason }, () => {
  const lab = new ImageLab('arm64')
  let manifests: readonly Manifest[] = []
  before(async () => {
    manifests = await buildKustomization(findKustomize(), join(deployDir, 'overlays/local'))
    await lab.makeBases()
  })
  after(() => lab.close())

  for (const { folder, image, container } of IMAGES) {
    test(`${image} runs as in its manifest, answers, and exits with 0 on SIGTERM`, async () => {
      await lab.build(folder, image)
      assert.equal(await lab.architectureOf(image), 'arm64')
      const { options, healthUrl } = await asInManifest(manifests, container)
      // The emulator needs memory too.
      const running = await lab.start(image, { ...options, memoryBytes: options.memoryBytes * 2 })
      await answers(healthUrl, () => lab.logs(running))
      assert.equal(await lab.terminate(running), 0, await lab.logs(running))
    })
  }
})
