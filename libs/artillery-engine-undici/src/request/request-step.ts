import type { EngineHelpers, Step, VirtualUserContext } from '../artillery/contract.ts'
import { callHooks } from '../artillery/processor.ts'
import { isRecord, namesOf } from '../artillery/record.ts'
import { compileCondition } from '../flow/condition.ts'
import { isDrawn } from '../flow/probability.ts'
import type { RequestParams } from './request-params.ts'
import type { RequestDone, RequestPlan, RequestServices } from './request-plan.ts'
import { RequestRun } from './request-run.ts'
import { isConstant, type ResolvedRequest, resolveRequest } from './resolve-request.ts'
import { isStatic } from './static-value.ts'
import { withBaseUrl } from './target.ts'

/** Names of the hooks that apply to every request of a scenario. */
export interface ScenarioHooks {
  beforeRequest: readonly string[]
  afterResponse: readonly string[]
  onError: readonly string[]
}

/**
 * Compiles a request step such as `{ get: { url: '/' } }`.
 *
 * @param method the step's key, in any case
 */
export function createRequestStep(
  method: string,
  spec: RequestParams,
  hooks: ScenarioHooks,
  services: RequestServices,
): Step {
  const { helpers, find, resolution } = services
  const plan: RequestPlan = {
    method: method.toUpperCase(),
    spec,
    beforeRequest: [...hooks.beforeRequest, ...namesOf(spec.beforeRequest)],
    afterResponse: [...hooks.afterResponse, ...namesOf(spec.afterResponse)],
    onError: hooks.onError,
    services,
  }
  const hasHooks = plan.beforeRequest.length + plan.afterResponse.length + plan.onError.length > 0
  const constant = !hasHooks && isConstant(spec, resolution)
  const keepsBody = needsBody(spec, plan)
  const condition = spec.ifTrue === undefined ? undefined : compileCondition(spec.ifTrue, find)
  const isMaybe = spec.probability !== undefined
  let resolvedOnce: ResolvedRequest | undefined

  const begin = (context: VirtualUserContext, done: RequestDone): void => {
    renderLoopElement(context, helpers)
    const params: RequestParams = { ...spec }
    const send = (request: ResolvedRequest): void => {
      if (constant) resolvedOnce = request
      new RequestRun(plan, params, context, needsBody(params, plan), done).send(request)
    }
    if (!hasHooks) {
      resolveThen(params, plan, context, send, done)
      return
    }
    params.url = withBaseUrl(String(spec.url || spec.uri), resolution.baseUrl)
    params.method = plan.method
    params.timeout = services.config.timeoutMs / 1000
    params.uuid = crypto.randomUUID()
    const names = plan.beforeRequest.map((name) => String(helpers.template(name, context)))
    callHooks(names, find, [params, context, services.events], (error) => {
      if (error) done(error)
      else resolveThen(params, plan, context, send, done)
    })
  }

  return (context, done) => {
    if (!spec.url && !spec.uri) return done(new Error('an URL must be specified'))
    if (isMaybe && !isDrawn(spec.probability)) return done()
    if (condition !== undefined && !condition(context)) return done()
    if (resolvedOnce === undefined) begin(context, done)
    else new RequestRun(plan, spec, context, keepsBody, done).send(resolvedOnce)
  }
}

function needsBody(params: RequestParams, plan: RequestPlan): boolean {
  return isRecord(params.capture) || isRecord(params.match) || plan.afterResponse.length > 0
}

function resolveThen(
  params: RequestParams,
  plan: RequestPlan,
  context: VirtualUserContext,
  send: (request: ResolvedRequest) => void,
  done: RequestDone,
): void {
  let resolved: ResolvedRequest | Promise<ResolvedRequest>
  try {
    resolved = resolveRequest(params, plan.spec, plan.method, context, plan.services.resolution)
  } catch (error) {
    done(error)
    return
  }
  if (resolved instanceof Promise) resolved.then(send).catch(done)
  else send(resolved)
}

/** A loop's element may hold templates of its own. */
function renderLoopElement(context: VirtualUserContext, helpers: EngineHelpers): void {
  const element = context.vars.$loopElement
  if (element && !isStatic(element)) context.vars.$loopElement = helpers.template(element, context)
}
