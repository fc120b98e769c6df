import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { buildKustomization } from '../checks/kustomize/build.ts'
import { findKustomize } from '../checks/kustomize/tool.ts'
import type { Manifest } from '../checks/manifest.ts'
import { deployDir } from '../src/repository.ts'
import { ImageLab, reasonAgainst } from './image-lab.ts'
import { ACCESS, answers, asInManifest, IMAGES } from './in-manifest.ts'

const MB = 1_000_000
const README = readFileSync(join(deployDir, 'README.md'), 'utf8')

/** What the README's table of images says of one, in bytes. */
function sizeInReadme(image: string): number {
  const [, size] = new RegExp(`^\\| ${image} \\| ([\\d.]+) MB \\|`, 'm').exec(README) ?? []
  assert.ok(size, `no row ${image} in deploy/README.md`)
  return Number(size) * MB
}

const reason = reasonAgainst()
if (reason !== undefined && process.env.CI === 'true') throw new Error(`images can't be built: ${reason}`)

describe('images', { skip: reason }, () => {
  const lab = new ImageLab()
  let manifests: readonly Manifest[] = []
  before(async () => {
    manifests = await buildKustomization(findKustomize(), join(deployDir, 'overlays/local'))
    await lab.makeBases()
  })
  after(() => lab.close())

  for (const { folder, image, container: containerName, page = false } of IMAGES) {
    describe(image, () => {
      before(() => lab.build(folder, image))

      test('adds to its base about what the README says, and does not run as root', async (t) => {
        const bytes = await lab.ownLayersBytes(image)
        t.diagnostic(`${(bytes / MB).toFixed(1)} MB of own layers`)
        assert.ok(Math.abs(bytes / sizeInReadme(image) - 1) < 0.2, `${bytes} bytes`)
        const { User, Labels } = await lab.inspect(image)
        assert.equal(User, '65532:65532')
        assert.equal(Labels['org.opencontainers.image.title'], image)
        assert.ok(Labels['org.opencontainers.image.description'])
      })

      test('runs as in its manifest, answers, and exits with 0 on SIGTERM', async (t) => {
        const { options, healthUrl, metricsUrl, pageUrl } = await asInManifest(manifests, containerName)
        const running = await lab.start(image, options)
        await answers(healthUrl, () => lab.logs(running))
        const metrics = await (await fetch(metricsUrl)).text()
        assert.match(metrics, /^# TYPE /m)
        if (page) await answers(pageUrl, () => lab.logs(running))
        for (const url of page ? await partsOfPage(pageUrl) : []) {
          assert.equal((await fetch(url, { headers: ACCESS })).status, 200, url)
        }
        const peak = lab.peakMemoryBytes(running)
        t.diagnostic(`peak memory ${((peak ?? 0) / MB).toFixed(0)} MB of ${(options.memoryBytes / MB).toFixed(0)} MB`)
        assert.equal(await lab.terminate(running), 0, await lab.logs(running))
      })

      test('exits with 0 on SIGTERM at any moment of its start', async () => {
        const { options } = await asInManifest(manifests, containerName)
        for (const afterMs of [0, 30, 90, 200, 450]) {
          const running = await lab.start(image, options)
          assert.equal(await lab.terminate(running, afterMs), 0, `after ${afterMs} ms:\n${await lab.logs(running)}`)
        }
      })
    })
  }
})

/** The URLs of a page and of its scripts, modules, styles and pictures. */
async function partsOfPage(pageUrl: string): Promise<string[]> {
  const response = await fetch(pageUrl, { headers: ACCESS })
  const html = response.headers.get('content-type')?.startsWith('text/html') ? await response.text() : ''
  const parts = [...html.matchAll(/(?:src|href)="(\/[^"]+)"|"(\/[^"]+\.js)"/g)].map(([, a, b]) => a ?? b ?? '')
  return [pageUrl, ...parts.map((part) => new URL(part, pageUrl).href)]
}
