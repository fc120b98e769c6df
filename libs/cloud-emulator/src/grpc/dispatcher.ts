import { setTimeout as delay } from 'node:timers/promises'
import { debuglog } from 'node:util'
import { messageOf } from '@node-to-cloud/command-line'
import type protobuf from 'protobufjs'
import { absentRpc } from '../api/absent-methods.ts'
import { RpcError } from '../api/rpc-error.ts'
import type { AnswerStream, RequestStream, Service } from '../api/service.ts'
import type { StatusName } from '../contract/status.ts'
import type { FaultInjector } from '../faults/fault-injector.ts'
import { registry } from '../protos/registry.ts'
import type { RequestQuota } from '../quotas/request-quota.ts'

const debug = debuglog('cloud-emulator')

/** A method of a served service, whether it is implemented or not. */
export interface Method {
  readonly service: string
  readonly name: string
  /** How faults and metrics refer to it: usually its name. */
  readonly callName: string
  readonly definition: protobuf.Method
  readonly requestType: protobuf.Type
  readonly responseType: protobuf.Type
}

/** Thrown if a fault loses the response of an executed call: the transport must not respond. */
export class AnswerLost extends Error {
  constructor() {
    super('the response was lost because of a fault')
    this.name = 'AnswerLost'
  }
}

/** A call to store, as it was before a service could change the request. */
export interface RecordedCall {
  /** Executes it as it will be replayed: with the clock stopped. */
  execute<T>(act: () => T): T
  /** Resolves once it is stored. */
  keep(): Promise<void>
}

/** Records a call; undefined if it does not have to be stored. */
export type CallRecorder = (
  method: Method,
  request: object,
  options: { readonly secure: boolean },
) => RecordedCall | undefined

export type CallObserver = (method: Method, status: StatusName | 'LOST', seconds: number) => void

/** Passes the calls of all transports through the active faults to the services. */
export class Dispatcher {
  readonly methods: readonly Method[]
  readonly #services: readonly Service[]
  readonly #faults: FaultInjector
  readonly #quota: RequestQuota | undefined
  readonly #observe: CallObserver
  #keep: CallRecorder | undefined

  constructor(
    services: readonly Service[],
    options: { faults: FaultInjector; observe?: CallObserver; quota?: RequestQuota },
  ) {
    this.#services = services
    this.#faults = options.faults
    this.#quota = options.quota
    this.#observe = options.observe ?? (() => {})
    this.methods = services.flatMap((service) =>
      registry.lookupService(service.name).methodsArray.map((method) => describe(service, method)),
    )
  }

  /** Stores calls from now on, including rejected ones, since a part of one may have been written. */
  recordWith(keep: CallRecorder): void {
    this.#keep = keep
  }

  /** Replays a stored call without faults. An error is the same response as at that time. */
  repeat(fullName: string, request: Uint8Array, { secure }: { secure: boolean }): void {
    const method = this.methods.find(({ service, name }) => `${service}/${name}` === fullName)
    const handle = this.#services.find(({ name }) => name === method?.service)?.handlers[method?.name ?? '']
    if (method === undefined || handle === undefined) return
    try {
      handle(method.requestType.decode(request), { method: method.callName, secure })
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
    }
  }

  /** Throws `RpcError` for a status other than OK, `AnswerLost` if there must be no response. */
  async call(method: Method, request: object, { secure }: { secure: boolean }): Promise<object> {
    const startMs = performance.now()
    let status: StatusName | 'LOST' = 'OK'
    try {
      return await this.#call(method, request, secure)
    } catch (error) {
      status = statusOf(error)
      if (error instanceof RpcError || error instanceof AnswerLost) throw error
      throw new RpcError('INTERNAL', `Internal error of the emulator: ${messageOf(error)}`, { cause: error })
    } finally {
      const seconds = (performance.now() - startMs) / 1000
      debug('%s: %s in %d ms', method.callName, status, seconds * 1000)
      this.#observe(method, status, seconds)
    }
  }

  /** Counts a call whose request never reached its service because it was too large or could not be decoded. */
  countUnreadable(method: Method, status: StatusName): void {
    this.#observe(method, status, 0)
  }

  /** Opens a stream of a bidirectional streaming method. Throws `RpcError`. */
  open(method: Method, answers: AnswerStream): RequestStream {
    const startMs = performance.now()
    let status: StatusName | 'LOST' = 'OK'
    let isOpen = true
    const observe = (): void => this.#observe(method, status, (performance.now() - startMs) / 1000)
    const noted = <T>(act: () => T): T => {
      try {
        return act()
      } catch (error) {
        status = statusOf(error)
        throw error
      }
    }
    let requests: RequestStream
    try {
      requests = noted(() => this.#open(method, answers))
    } catch (error) {
      observe()
      throw error
    }
    return {
      receive: (request) => noted(() => requests.receive(request)),
      end: () => {
        if (!isOpen) return
        isOpen = false
        requests.end()
        observe()
      },
    }
  }

  #open(method: Method, answers: AnswerStream): RequestStream {
    const fault = this.#faults.forCall(method.callName)
    if (fault.error) throw fault.error
    const service = this.#services.find((candidate) => candidate.name === method.service)
    const open = service?.streams?.[method.name]
    if (!open) throw absentRpc(`${method.service}/${method.name}`)
    return open(answers)
  }

  async #call(method: Method, request: object, secure: boolean): Promise<object> {
    const fault = this.#faults.forCall(method.callName)
    if (fault.latencyMs > 0) await delay(fault.latencyMs, undefined, { ref: false })
    if (fault.error) throw fault.error
    this.#quota?.take(method, request)
    const service = this.#services.find((candidate) => candidate.name === method.service)
    const handle = service?.handlers[method.name]
    if (!handle) throw absentRpc(`${method.service}/${method.name}`)
    const kept = this.#keep?.(method, request, { secure })
    const act = (): object => handle(request, { method: method.callName, secure })
    let answer: object
    try {
      answer = kept === undefined ? act() : kept.execute(act)
    } catch (error) {
      if (error instanceof RpcError) await kept?.keep()
      if (fault.loseAnswer && error instanceof RpcError) throw new AnswerLost()
      throw error
    }
    await kept?.keep()
    if (fault.loseAnswer) throw new AnswerLost()
    return answer
  }
}

function statusOf(error: unknown): StatusName | 'LOST' {
  return error instanceof RpcError ? error.code : error instanceof AnswerLost ? 'LOST' : 'INTERNAL'
}

function describe({ name: service, callNames }: Service, definition: protobuf.Method): Method {
  definition.resolve()
  const { resolvedRequestType: requestType, resolvedResponseType: responseType } = definition
  if (!requestType || !responseType) throw new TypeError(`${service}.${definition.name} has unresolved types`)
  const { name } = definition
  return { service, name, callName: callNames?.[name] ?? name, definition, requestType, responseType }
}
