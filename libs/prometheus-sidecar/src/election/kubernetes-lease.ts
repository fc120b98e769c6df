import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { messageOf } from '@node-to-cloud/command-line'
import { isJsonObject, type JsonObject } from '../model/json-object.ts'
import { type LeaseRecord, type LeaseStore, LeaseStoreError, type StoredLease } from './lease-record.ts'

/** The annotations that say which samples the holder writes. */
const WRITES_FROM = 'prometheus-sidecar/writes-from'
const WRITES_UNTIL = 'prometheus-sidecar/writes-until'
const TIMEOUT_MS = 5_000
const MAX_RESPONSE_BYTES = 1024 * 1024

/** Options of {@link KubernetesLease}. */
export interface KubernetesLeaseOptions {
  /** Such as `https://10.0.0.1:443`. */
  readonly apiUrl: string
  /** Contains `token` and `ca.crt`, which are read for each request: they are renewed while the pod runs. */
  readonly serviceAccountFolder: string
  readonly namespace: string
  readonly leaseName: string
}

/** A Lease of Kubernetes (coordination.k8s.io/v1), which `kubectl get leases` shows. */
export class KubernetesLease implements LeaseStore {
  readonly name: string
  readonly #options: KubernetesLeaseOptions

  constructor(options: KubernetesLeaseOptions) {
    this.#options = options
    this.name = `kubernetes:${options.namespace}/${options.leaseName}`
  }

  async read(): Promise<StoredLease | undefined> {
    const { status, body } = await this.#request('GET', this.#ownPath)
    if (status === 404) return undefined
    if (status !== 200) throw this.#refusal('get', status, body)
    return parseLease(body)
  }

  async write(record: LeaseRecord, version: string | undefined): Promise<boolean> {
    const lease = this.#leaseOf(record, version)
    const { status, body } =
      version === undefined
        ? await this.#request('POST', this.#path, lease)
        : await this.#request('PUT', this.#ownPath, lease)
    if (status === 200 || status === 201) return true
    if (status === 409 || (status === 404 && version !== undefined)) return false
    throw this.#refusal(version === undefined ? 'create' : 'update', status, body)
  }

  close(): void {}

  get #path(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${this.#options.namespace}/leases`
  }

  get #ownPath(): string {
    return `${this.#path}/${this.#options.leaseName}`
  }

  #leaseOf(record: LeaseRecord, version: string | undefined): JsonObject {
    const { namespace, leaseName: name } = this.#options
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name,
        namespace,
        ...(version === undefined ? {} : { resourceVersion: version }),
        annotations: {
          [WRITES_FROM]: new Date(record.writesFromMs).toISOString(),
          [WRITES_UNTIL]: new Date(record.writesUntilMs).toISOString(),
        },
      },
      spec: {
        holderIdentity: record.holder,
        leaseDurationSeconds: Math.ceil(record.durationMs / 1000),
        acquireTime: microTime(record.acquiredMs),
        renewTime: microTime(record.renewedMs),
        leaseTransitions: record.transitions,
      },
    }
  }

  #refusal(verb: string, status: number, body: unknown): LeaseStoreError {
    const message = isJsonObject(body) && typeof body.message === 'string' ? body.message : `status ${status}`
    const advice =
      status === 401 || status === 403
        ? '; a Role must allow the pod’s service account to get, create and update leases'
        : ''
    return new LeaseStoreError(`the Kubernetes API refused to ${verb} it: ${message}${advice}`)
  }

  async #request(method: string, path: string, content?: JsonObject): Promise<{ status: number; body: unknown }> {
    const { apiUrl, serviceAccountFolder } = this.#options
    try {
      const [token, ca] = await Promise.all([
        readFile(join(serviceAccountFolder, 'token'), 'utf8'),
        readFile(join(serviceAccountFolder, 'ca.crt')),
      ])
      const headers = {
        Accept: 'application/json',
        Authorization: `Bearer ${token.trim()}`,
        ...(content === undefined ? {} : { 'Content-Type': 'application/json' }),
      }
      const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: unknown }>()
      request(new URL(path, apiUrl), { method, headers, ca, agent: false, signal: AbortSignal.timeout(TIMEOUT_MS) })
        .on('response', (response) => {
          const chunks: Buffer[] = []
          let length = 0
          response
            .on('data', (chunk: Buffer) => {
              length += chunk.length
              if (length > MAX_RESPONSE_BYTES) response.destroy(new Error('the response is too long'))
              else chunks.push(chunk)
            })
            .on('end', () => resolve({ status: response.statusCode ?? 0, body: parseJson(Buffer.concat(chunks)) }))
            .on('error', reject)
        })
        .on('error', reject)
        .end(content === undefined ? undefined : JSON.stringify(content))
      return await promise
    } catch (cause) {
      throw new LeaseStoreError(`the Kubernetes API at ${apiUrl}: ${messageOf(cause)}`, { cause })
    }
  }
}

function parseLease(body: unknown): StoredLease {
  const metadata = objectOf(objectOf(body).metadata)
  const spec = objectOf(objectOf(body).spec)
  const annotations = objectOf(metadata.annotations)
  if (typeof metadata.resourceVersion !== 'string') throw new LeaseStoreError('the Lease has no resourceVersion')
  const durationMs = (typeof spec.leaseDurationSeconds === 'number' ? spec.leaseDurationSeconds : 0) * 1000
  const renewedMs = timeOf(spec.renewTime) ?? 0
  // A Lease created by something else does not say which samples were written.
  const writesUntilMs = timeOf(annotations[WRITES_UNTIL]) ?? renewedMs + durationMs
  return {
    version: metadata.resourceVersion,
    record: {
      holder: typeof spec.holderIdentity === 'string' ? spec.holderIdentity : '',
      durationMs,
      acquiredMs: timeOf(spec.acquireTime) ?? 0,
      renewedMs,
      transitions: typeof spec.leaseTransitions === 'number' ? spec.leaseTransitions : 0,
      writesFromMs: timeOf(annotations[WRITES_FROM]) ?? writesUntilMs,
      writesUntilMs,
    },
  }
}

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {}
}

function timeOf(value: unknown): number | undefined {
  const timeMs = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(timeMs) ? undefined : timeMs
}

/** Kubernetes' MicroTime requires six decimals. */
function microTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('Z', '000Z')
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}
