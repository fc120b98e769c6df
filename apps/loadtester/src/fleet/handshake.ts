import { protocolVersion, type WorkerMessage } from '../protocol/messages.ts'
import type { FleetWorker } from './fleet.ts'

type Hello = WorkerMessage & { type: 'hello' }

/** Why a worker can't join a master of a version; undefined where it can. */
export function refusalOf(hello: Hello, version: string): string | undefined {
  if (hello.protocol !== protocolVersion || hello.version !== version) {
    return `the worker is loadtester ${hello.version} (protocol ${hello.protocol}), the master ${version} (protocol ${protocolVersion}); use the same version`
  }
  if (!(Number.isFinite(hello.weight) && hello.weight > 0)) {
    return `weight must be a number above 0, not ${hello.weight}`
  }
  return undefined
}

/** What a worker says of itself. */
export function identityOf(hello: Hello): Pick<FleetWorker, 'id' | 'name' | 'version' | 'weight' | 'metricsUrl'> {
  const { id, name, version, weight, metricsUrl } = hello
  return { id, name, version, weight, metricsUrl }
}
