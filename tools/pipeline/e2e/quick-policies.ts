import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const ALERTS = fileURLToPath(new URL('../../../deploy/alerts/', import.meta.url))
const POLICIES = '/v3/projects/demo-project/alertPolicies'
const OPEN_ALERTS = `/v3/projects/demo-project/alerts?filter=${encodeURIComponent('state="OPEN"')}`

interface Aggregation {
  alignmentPeriod: string
}

interface Condition {
  readonly conditionThreshold?: {
    duration: string
    evaluationMissingData?: string
    aggregations: Aggregation[]
    denominatorAggregations?: Aggregation[]
  }
  readonly conditionAbsent?: { duration: string }
}

interface Policy {
  readonly userLabels: Record<string, string>
  readonly conditions: readonly Condition[]
}

/** Copies of our policies in the emulator, with the shortest times there are: the real ones would take five minutes and more. */
export class QuickPolicies {
  readonly #origin: string

  constructor(origin: string) {
    this.#origin = origin
  }

  /** Creates a copy of each policy, and gives their names, which are those of the files. */
  async create(): Promise<string[]> {
    const files = (await readdir(ALERTS)).filter((file) => file.endsWith('.json'))
    return Promise.all(
      files.map(async (file) => {
        const { userLabels, ...policy }: Policy = JSON.parse(await readFile(`${ALERTS}${file}`, 'utf8'))
        for (const condition of policy.conditions) shorten(condition)
        const name = userLabels['node-to-cloud-alert'] ?? assert.fail(`${file} has no user label of its own`)
        await this.request(POLICIES, { ...policy, userLabels: { 'quick-copy-of': name } })
        return name
      }),
    )
  }

  /** Those of `names` whose copy has no open incident, or with `open: false`, those whose copy has one. */
  async without(names: readonly string[], { open }: { readonly open: boolean }): Promise<string[]> {
    const { alerts = [] }: { alerts?: { policy: Policy }[] } = await this.request(OPEN_ALERTS)
    const found = new Set(alerts.map(({ policy }) => policy.userLabels['quick-copy-of']))
    return names.filter((name) => found.has(name) !== open)
  }

  /** Sends a request to the emulator, with a body as a POST. */
  async request<Answer = unknown>(
    path: string,
    body?: unknown,
    method = body === undefined ? 'GET' : 'POST',
  ): Promise<Answer> {
    const response = await fetch(new URL(path, this.#origin), {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await response.text()
    assert.ok(response.ok, `${method} ${path}: ${text}`)
    return JSON.parse(text || '{}')
  }
}

function shorten({ conditionThreshold: threshold, conditionAbsent: absence }: Condition): void {
  if (absence) absence.duration = '120s'
  if (!threshold) return
  threshold.duration = '0s'
  // What missing data means can be said only of a minute and more.
  delete threshold.evaluationMissingData
  for (const one of [...threshold.aggregations, ...(threshold.denominatorAggregations ?? [])])
    one.alignmentPeriod = '60s'
}
