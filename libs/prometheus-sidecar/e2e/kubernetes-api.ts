import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Certificates } from './certificates.ts'

const PATH = /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/([a-z0-9-]+)\/leases(?:\/([a-z0-9.-]+))?$/
/** Kubernetes' own API rejects other formats. */
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

interface Lease {
  metadata: { name: string; resourceVersion?: string; annotations?: Record<string, string> }
  spec: { holderIdentity?: string; leaseDurationSeconds?: number; acquireTime?: string; renewTime?: string }
}

/** The part of the Kubernetes API that serves Leases, with its rules: tokens, resourceVersion, MicroTime. */
export class KubernetesApi {
  readonly leases = new Map<string, Lease>()
  readonly #server: Server
  readonly #token: string
  #version = 100

  private constructor(certificates: Certificates, token: string) {
    this.#token = token
    const options = { cert: readFileSync(certificates.certificateFile), key: readFileSync(certificates.keyFile) }
    this.#server = createServer(options, (request, response) => void this.#answer(request, response))
  }

  static async start(certificates: Certificates, token: string): Promise<KubernetesApi> {
    const api = new KubernetesApi(certificates, token)
    api.#server.listen(0, '127.0.0.1')
    await once(api.#server, 'listening')
    return api
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return address.port
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    const { status, body } = this.#handle(request, text === '' ? undefined : (JSON.parse(text) as Lease))
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  #handle({ method, url, headers }: IncomingMessage, lease: Lease | undefined): { status: number; body: unknown } {
    if (headers.authorization !== `Bearer ${this.#token}`) return failure(401, 'Unauthorized')
    const [, namespace = '', name = lease?.metadata.name ?? ''] = PATH.exec(url ?? '') ?? []
    if (namespace === '') return failure(404, 'the server could not find the requested resource')
    const key = `${namespace}/${name}`
    const present = this.leases.get(key)
    if (method === 'GET') {
      return present === undefined
        ? failure(404, `leases.coordination.k8s.io "${name}" not found`)
        : { status: 200, body: present }
    }
    if (lease === undefined) return failure(400, 'no body')
    for (const time of [lease.spec.acquireTime, lease.spec.renewTime]) {
      if (time !== undefined && !MICRO_TIME.test(time)) return failure(400, `parsing time "${time}"`)
    }
    if (!((lease.spec.leaseDurationSeconds ?? 1) > 0)) return failure(422, 'leaseDurationSeconds: must be positive')
    if (method === 'POST' && present !== undefined) return failure(409, `leases "${name}" already exists`)
    if (method === 'PUT' && present === undefined) return failure(404, `leases "${name}" not found`)
    if (method === 'PUT' && lease.metadata.resourceVersion !== present?.metadata.resourceVersion)
      return failure(409, 'the object has been modified')
    const stored = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(++this.#version) } }
    this.leases.set(key, stored)
    return { status: method === 'POST' ? 201 : 200, body: stored }
  }
}

function failure(status: number, message: string): { status: number; body: unknown } {
  return { status, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code: status } }
}
