import { invalidField } from '../../api/rpc-error.ts'
import type { MessageCodec } from '../../protos/registry.ts'
import { updatedByMask } from '../resources/field-mask.ts'
import { ResourceIds } from '../resources/resource-ids.ts'
import { ResourceTable } from '../resources/resource-table.ts'
import { checkService, checkSlo } from './check-slo.ts'
import { type ServiceMessage, type SloMessage, serviceCodec, sloCodec } from './slo.ts'

const MAX_SERVICES = 1000
const MAX_SLOS = 2000
const SERVICE_ID = /^[a-z0-9-]{1,100}$/
const IN_CLUSTER = ['gkeNamespace', 'gkeWorkload', 'gkeService'] as const
const SLO_ID = /^[a-zA-Z0-9_:.-]{1,100}$/

/** The services of all projects, and their service-level objectives. */
export class SloStore {
  readonly #services = new ResourceTable<ServiceMessage>({
    limit: MAX_SERVICES,
    plural: 'services',
    notFound: (name) => {
      const [, projectId = '', , id = ''] = name.split('/')
      return `There is no service with id '${id}' in project '${projectId}'`
    },
  })
  readonly #slos = new ResourceTable<SloMessage>({
    limit: MAX_SLOS,
    plural: 'service-level objectives',
    notFound: (name) => {
      const [, projectId = '', , serviceId = '', , id = ''] = name.split('/')
      return `There is no slo with id "${id}" under service "${serviceId}" in project "${projectId}"`
    },
  })
  readonly #serviceIds = new ResourceIds('services')
  readonly #sloIds = new ResourceIds('serviceLevelObjectives')

  services(projectId: string): ServiceMessage[] {
    return this.#services.below(`projects/${projectId}/services/`)
  }

  /** The objectives of one service, or of all services of a project if its ID is `-`. Throws NOT_FOUND. */
  slos(projectId: string, serviceId: string): SloMessage[] {
    if (serviceId === '-') return this.#slos.below(`projects/${projectId}/services/`)
    this.#services.get(`projects/${projectId}/services/${serviceId}`)
    return this.#slos.below(`projects/${projectId}/services/${serviceId}/serviceLevelObjectives/`)
  }

  /** Throws NOT_FOUND. */
  service(name: string): ServiceMessage {
    return this.#services.get(name)
  }

  /** Throws NOT_FOUND. */
  slo(name: string): SloMessage {
    return this.#slos.get(name)
  }

  findSlo(name: string): SloMessage | undefined {
    return this.#slos.find(name)
  }

  clear(): void {
    this.#services.clear()
    this.#slos.clear()
    this.#serviceIds.clear()
    this.#sloIds.clear()
  }

  /** Throws INVALID_ARGUMENT, ALREADY_EXISTS or RESOURCE_EXHAUSTED. */
  createService(projectId: string, service: ServiceMessage, id: string): ServiceMessage {
    if (id !== '' && !SERVICE_ID.test(id))
      throw invalidField('service_id', id, 'Lowercase letters, digits and "-" are allowed, at most 100.')
    checkService(service)
    const name = `projects/${projectId}/services/${id || this.#serviceIds.next()}`
    return this.#services.add(completed(service, name))
  }

  /** Throws INVALID_ARGUMENT or NOT_FOUND. */
  updateService(update: ServiceMessage, paths: readonly string[]): ServiceMessage {
    const current = this.#services.get(update.name)
    const next = paths.length === 0 ? update : updatedByMask(serviceCodec, { current, update }, paths)
    checkService(next)
    return this.#services.replace(completed(next, current.name))
  }

  /** Deletes a service and its objectives. Throws NOT_FOUND. */
  deleteService(name: string): void {
    this.#services.delete(name)
    for (const slo of this.#slos.below(`${name}/serviceLevelObjectives/`)) this.#slos.delete(slo.name)
  }

  /** Throws NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS or RESOURCE_EXHAUSTED. */
  createSlo(serviceName: string, slo: SloMessage, id: string): SloMessage {
    this.#services.get(serviceName)
    const prefix = `${serviceName}/serviceLevelObjectives/`
    // Terraform's provider sends only the ID as the name.
    const ownId = slo.name.startsWith(prefix) ? slo.name.slice(prefix.length) : slo.name === id ? id : ''
    if (slo.name !== '' && ownId === '')
      throw invalidField('service_level_objective.name', slo.name, `It must begin with ${prefix}, or be omitted.`)
    const chosen = id || ownId
    if (chosen !== '' && !SLO_ID.test(chosen))
      throw invalidField(
        'service_level_objective_id',
        chosen,
        'Letters, digits, "-", "_", ":" and "." are allowed, at most 100.',
      )
    checkSlo(slo)
    return this.#slos.add(copyOf(sloCodec, { ...slo, name: `${prefix}${chosen || this.#sloIds.next()}` }))
  }

  /** Throws INVALID_ARGUMENT or NOT_FOUND. */
  updateSlo(update: SloMessage, paths: readonly string[]): SloMessage {
    const current = this.#slos.get(update.name)
    const next = paths.length === 0 ? update : updatedByMask(sloCodec, { current, update }, paths)
    checkSlo(next)
    return this.#slos.replace(copyOf(sloCodec, { ...next, name: current.name }))
  }

  /** Throws NOT_FOUND. */
  deleteSlo(name: string): void {
    this.#slos.delete(name)
  }
}

/** A service with its name and its output-only fields: the project of a service in a Kubernetes cluster. */
function completed(service: ServiceMessage, name: string): ServiceMessage {
  const projectId = name.split('/')[1] ?? ''
  const inCluster = Object.fromEntries(
    IN_CLUSTER.flatMap((key) => (service[key] ? [[key, { ...service[key], projectId }] as const] : [])),
  )
  return copyOf(serviceCodec, { ...service, ...inCluster, name })
}

/** In the form of decoded messages. */
function copyOf<T extends object>(codec: MessageCodec<T>, message: T): T {
  return codec.decode(codec.encode(codec.type.create({ ...message }) as object as T))
}
