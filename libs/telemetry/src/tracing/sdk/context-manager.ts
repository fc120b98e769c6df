import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { type Context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'

/** Makes contexts active, for requests. */
export interface RequestContexts extends Pick<ContextManager, 'with'> {
  /**
   * Makes a context active until the end of the callback from Node that is running, and in the asynchronous work that
   * it starts from then on. Undefined where it would last longer.
   */
  readonly enter?: ((context: Context) => void) | undefined
}

/**
 * OpenTelemetry's context manager on AsyncLocalStorage, with a shorter path to the function that it runs.
 * `AsyncLocalStorage.run` enters the previous context again at the end, for which Node 24 creates another Map and
 * copies the current one; disposing of a scope just restores the previous one.
 */
export class ShallowContextManager extends AsyncLocalStorageContextManager implements RequestContexts {
  readonly #storage = new AsyncLocalStorage<Context | undefined>()

  readonly enter = endsWithCallback() ? (context: Context): void => this.#storage.enterWith(context) : undefined

  override active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT
  }

  override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return new AsyncResource('Context').runInAsyncScope(() => {
      this.#storage.enterWith(context)
      return fn.apply(thisArg, args)
    })
  }

  override attach(context: Context): ReturnType<AsyncLocalStorageContextManager['attach']> {
    const storage = this.#storage
    const previous = storage.getStore()
    storage.enterWith(context)
    let isDisposed = false
    return {
      dispose: () => {
        if (!isDisposed) storage.enterWith(previous)
        isDisposed = true
      },
    }
  }

  override disable(): this {
    this.#storage.disable()
    return this
  }
}

/**
 * Whether what a callback enters ends with it, as since Node 24. Earlier ones keep it in the callback's resource, which
 * for requests is their connection: the next request would start with it.
 */
function endsWithCallback(): boolean {
  const storage = new AsyncLocalStorage<boolean>()
  const resource = new AsyncResource('Callback')
  resource.runInAsyncScope(() => storage.enterWith(true))
  const isKept = resource.runInAsyncScope(() => storage.getStore())
  storage.disable()
  return isKept === undefined
}
