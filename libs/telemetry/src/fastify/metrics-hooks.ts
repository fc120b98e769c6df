import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AnsweredRequest } from './answered-request.ts'

/** What fastify-metrics looks at of a request. */
type ObservedRequest = Pick<FastifyRequest, 'method' | 'url' | 'raw' | 'routeOptions'>

/** A hook as fastify-metrics adds them to an instance: on a request it starts a timer, on its answer it stops it. */
type Hook = (request: ObservedRequest, reply: FastifyReply, done: () => void) => void

const nothing = () => {}

/**
 * Calls fastify-metrics' hooks, the one after the other, when a request has been answered, and with one object that stands for each request in turn.
 * fastify-metrics keeps its timers in a WeakMap by request; where each key lives for a moment only, an entry costs as much as all else that it does.
 * It has no option for that, so it is given an instance to observe that hands its hooks over to this; what it decides and observes is its own.
 */
export class MetricsHooks {
  readonly #answered: AnsweredRequest
  #onRequest: Hook = nothing
  #onResponse: Hook = nothing
  #observed: { -readonly [key in keyof ObservedRequest]: ObservedRequest[key] } | undefined

  /** @param answered - tells whether fastify-metrics wants to observe the request, by the timer that it starts */
  constructor(answered: AnsweredRequest) {
    this.#answered = answered
  }

  /** Gives `fastify` for fastify-metrics to observe: the hooks that are added to it come here. */
  takeFrom(fastify: FastifyInstance): FastifyInstance {
    return new Proxy(fastify, {
      get: (target, property, instance) => {
        if (property !== 'addHook') return Reflect.get(target, property)
        return (name: string, hook: Hook) => {
          this.#take(name, hook)
          return instance
        }
      },
    })
  }

  #take(name: string, hook: Hook): void {
    if (name === 'onRequest' && this.#onRequest === nothing) this.#onRequest = hook
    else if (name === 'onResponse' && this.#onResponse === nothing) this.#onResponse = hook
    else throw new RangeError(`fastify-metrics adds a hook ${name} that it did not add before`)
  }

  /** @throws where fastify-metrics has not added both hooks, since it would observe nothing */
  assertTaken(): void {
    if (this.#onRequest === nothing || this.#onResponse === nothing)
      throw new TypeError('fastify-metrics has not added its hooks of a request')
  }

  /** Has the request observed that `reply` has answered. */
  observe(request: FastifyRequest, reply: FastifyReply): void {
    // Fastify makes an object of twelve fields for each look at the options of a route.
    const { method, url, raw, routeOptions } = request
    this.#observed ??= { method, url, raw, routeOptions }
    const observed = this.#observed
    observed.method = method
    observed.url = url
    observed.raw = raw
    observed.routeOptions = routeOptions
    const answered = this.#answered
    answered.hasTimer = false
    this.#onRequest(observed, reply, nothing)
    // Else it would find the timer of the request before.
    if (answered.hasTimer) this.#onResponse(observed, reply, nothing)
  }
}
