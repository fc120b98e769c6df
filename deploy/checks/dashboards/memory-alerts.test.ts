import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { type AlertPolicy, type Named, readAlertPolicies } from '../../src/dashboards/documents.ts'
import { deployDir } from '../../src/repository.ts'
import { containersOf, isWorkload, type Manifest, podSpecOf } from '../manifest.ts'
import { quantity } from '../rules/resources.ts'

const MiB = 2 ** 20

/** The memory limit of each container of the base, in bytes. */
function memoryLimits(): Map<string, number> {
  const manifests = globSync('base/*/*.yaml', { cwd: deployDir }).flatMap((file) =>
    parseAllDocuments(readFileSync(join(deployDir, file), 'utf8')).map((document): Manifest => document.toJSON()),
  )
  const containers = manifests.filter(isWorkload).flatMap((workload) => containersOf(podSpecOf(workload)))
  return new Map(containers.map(({ name, resources }) => [name, quantity(resources?.limits?.memory ?? '0')]))
}

describe('memory alerts', () => {
  let alerts: Named<AlertPolicy>[] = []
  before(async () => {
    alerts = (await readAlertPolicies()).filter(({ id }) => id.endsWith('-memory'))
  })

  it('fire at nine tenths of the container’s limit, and state both in MiB', () => {
    const limits = memoryLimits()
    assert.ok(alerts.length >= 2)
    for (const { id, document } of alerts) {
      const text = JSON.stringify(document)
      const container = /container_name=\\+"([\w-]+)/.exec(text)?.[1] ?? ''
      const threshold = Number(/"thresholdValue":(\d+)/.exec(text)?.[1])
      const limit = limits.get(container)
      assert.ok(limit !== undefined, `${id} is about a container of the base, not ${container}`)
      const share = threshold / limit
      assert.ok(share > 0.88 && share < 0.92, `${id}: ${threshold / MiB} of ${limit / MiB} MiB`)
      for (const bytes of [threshold, limit])
        assert.ok(text.includes(`${bytes / MiB} MiB`), `${id}: ${bytes / MiB} MiB`)
    }
  })
})
