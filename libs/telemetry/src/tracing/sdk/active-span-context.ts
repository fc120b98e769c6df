import { type Context, type Span, trace } from '@opentelemetry/api'

/**
 * The key under which the API stores the span of a context. It is not exported, but `setSpan` passes it to a context.
 */
const SPAN_KEY = keyOfSpan()

function keyOfSpan(): symbol {
  let spanKey: symbol | undefined
  const recorder: Context = {
    getValue: () => undefined,
    setValue: (key) => {
      spanKey = key
      return recorder
    },
    deleteValue: () => recorder,
  }
  trace.setSpan(recorder, trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 }))
  return spanKey ?? Symbol()
}

/**
 * The context `parent` with `span` in it: equivalent to the result of `trace.setSpan`, which copies a Map and creates
 * three closures. A service creates one for each request.
 */
export class ActiveSpanContext implements Context {
  readonly #parent: Context
  readonly #span: Span

  constructor(parent: Context, span: Span) {
    this.#parent = parent
    this.#span = span
  }

  getValue(key: symbol): unknown {
    return key === SPAN_KEY ? this.#span : this.#parent.getValue(key)
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#copied().setValue(key, value)
  }

  deleteValue(key: symbol): Context {
    return this.#copied().deleteValue(key)
  }

  #copied(): Context {
    return trace.setSpan(this.#parent, this.#span)
  }
}
