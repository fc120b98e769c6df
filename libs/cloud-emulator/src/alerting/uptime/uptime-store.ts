import { invalidField, RpcError } from '../../api/rpc-error.ts'
import { updatedByMask } from '../resources/field-mask.ts'
import { ResourceIds } from '../resources/resource-ids.ts'
import { ResourceTable } from '../resources/resource-table.ts'
import { checkUptimeCheck } from './check-uptime-check.ts'
import {
  CHECKERS,
  copyUptimeCheck,
  type HttpCheckMessage,
  METHODS,
  type UptimeCheckMessage,
  uptimeCheckCodec,
} from './uptime-check.ts'

const MAX_CHECKS = 100
const HIDDEN = '******'
const DEFAULT_PERIOD = { seconds: 60 }
const MAX_ID_CHARACTERS = 63

export interface UptimeStoreOptions {
  /** The names of the policies that refer to a check by its ID. */
  readonly policiesWith: (projectId: string, checkId: string) => readonly string[]
  readonly changed: (projectId: string) => void
}

/** The uptime checks of all projects. */
export class UptimeStore {
  readonly #table = new ResourceTable<UptimeCheckMessage>({
    limit: MAX_CHECKS,
    plural: 'uptime checks',
    notFound: (name) => {
      const [, projectId = '', , id = ''] = name.split('/')
      return `Config not found for check ${id} in project ${projectId}`
    },
  })
  readonly #ids = new ResourceIds('uptimeCheckConfigs')
  readonly #options: UptimeStoreOptions

  constructor(options: UptimeStoreOptions) {
    this.#options = options
  }

  all(): Iterable<UptimeCheckMessage> {
    return this.#table.all()
  }

  list(projectId: string): UptimeCheckMessage[] {
    return this.#table.below(`projects/${projectId}/uptimeCheckConfigs/`)
  }

  find(name: string): UptimeCheckMessage | undefined {
    return this.#table.find(name)
  }

  /** Throws NOT_FOUND. */
  get(name: string): UptimeCheckMessage {
    return this.#table.get(name)
  }

  clear(): void {
    this.#table.clear()
    this.#ids.clear()
  }

  /** Throws INVALID_ARGUMENT or RESOURCE_EXHAUSTED. */
  create(projectId: string, check: UptimeCheckMessage): UptimeCheckMessage {
    if (check.name !== '')
      throw invalidField(
        'uptime_check_config.name',
        check.name,
        'It must be omitted: it is assigned when the check is created.',
      )
    checkUptimeCheck(check)
    const id = `${slug(check.displayName)}-${this.#ids.next().slice(-11)}`
    const created = completed(check, projectId, `projects/${projectId}/uptimeCheckConfigs/${id}`)
    this.#table.add(created)
    this.#options.changed(projectId)
    return created
  }

  /** Throws INVALID_ARGUMENT or NOT_FOUND. */
  update(projectId: string, update: UptimeCheckMessage, paths: readonly string[]): UptimeCheckMessage {
    const current = this.#table.get(update.name)
    const next = paths.length === 0 ? update : updatedByMask(uptimeCheckCodec, { current, update }, paths)
    const shown = withKnownSecrets(next, current)
    checkUptimeCheck(shown)
    const before = current.monitoredResource ?? current.resourceGroup
    const after = completed(shown, projectId, current.name)
    if (JSON.stringify(after.monitoredResource ?? after.resourceGroup) !== JSON.stringify(before))
      throw invalidField('uptime_check_config.resource', undefined, 'The resource of a check cannot be changed.')
    this.#table.replace(after)
    this.#options.changed(projectId)
    return after
  }

  /** Throws NOT_FOUND, or FAILED_PRECONDITION if a policy refers to the check. */
  delete(projectId: string, name: string): void {
    this.#table.get(name)
    const [policy] = this.#options.policiesWith(projectId, name.split('/')[3] ?? '')
    if (policy !== undefined)
      throw new RpcError(
        'FAILED_PRECONDITION',
        `Cannot delete the check ${name}: it is referenced by the alert policy ${policy}.`,
      )
    this.#table.delete(name)
    this.#options.changed(projectId)
  }
}

function completed(check: UptimeCheckMessage, projectId: string, name: string): UptimeCheckMessage {
  const { monitoredResource, httpCheck } = check
  return copyUptimeCheck(check, {
    name,
    period: check.period ?? DEFAULT_PERIOD,
    checkerType: check.checkerType || CHECKERS.STATIC_IP_CHECKERS,
    ...(monitoredResource
      ? { monitoredResource: { ...monitoredResource, labels: { project_id: projectId, ...monitoredResource.labels } } }
      : {}),
    ...(httpCheck
      ? {
          httpCheck: {
            ...httpCheck,
            path: httpCheck.path === '' ? '/' : httpCheck.path.replace(/^(?!\/)/, '/'),
            port: httpCheck.port || (httpCheck.useSsl ? 443 : 80),
            requestMethod: httpCheck.requestMethod || METHODS.GET,
            headers: withLength(httpCheck),
          },
        }
      : {}),
  })
}

/** The length of the body is returned as a header. */
function withLength({ headers, body }: HttpCheckMessage): Record<string, string> {
  const others = Object.entries(headers).filter(([key]) => key.toLowerCase() !== 'content-length')
  const length = body.length === 0 ? [] : [['Content-Length', String(body.length)] as const]
  return Object.fromEntries([...length, ...others])
}

/** A check as it is returned: without its password and without masked headers. */
export function withoutSecrets(check: UptimeCheckMessage): UptimeCheckMessage {
  const { httpCheck } = check
  if (!httpCheck?.authInfo?.password && !httpCheck?.maskHeaders) return check
  const { authInfo, maskHeaders, headers } = httpCheck
  return copyUptimeCheck(check, {
    httpCheck: {
      ...httpCheck,
      ...(authInfo ? { authInfo: { ...authInfo, password: HIDDEN } } : {}),
      headers: maskHeaders ? Object.fromEntries(Object.keys(headers).map((key) => [key, HIDDEN])) : headers,
    },
  })
}

/** A value that an update contains in its masked form is left unchanged. */
function withKnownSecrets(next: UptimeCheckMessage, current: UptimeCheckMessage): UptimeCheckMessage {
  const { httpCheck } = next
  if (!httpCheck) return next
  const known = current.httpCheck
  const { authInfo } = httpCheck
  return copyUptimeCheck(next, {
    httpCheck: {
      ...httpCheck,
      ...(authInfo?.password === HIDDEN
        ? { authInfo: { ...authInfo, password: known?.authInfo?.password ?? '' } }
        : {}),
      headers: Object.fromEntries(
        Object.entries(httpCheck.headers).map(([key, value]) => [
          key,
          value === HIDDEN ? (known?.headers[key] ?? value) : value,
        ]),
      ),
    },
  })
}

/** IDs begin with the display name, as Google's do. */
function slug(displayName: string): string {
  const text = displayName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  return (text || 'check').slice(0, MAX_ID_CHARACTERS - 12)
}
