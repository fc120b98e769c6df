import type protobuf from 'protobufjs'

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The REST form of a method, from its `google.api.http` option. */
export interface HttpRule {
  readonly method: HttpMethod
  /** The field paths with their values, if the path matches. */
  match(path: string): Record<string, string> | undefined
  /** `*` if the body is the whole request, the name of a field, or undefined if there is no body. */
  readonly body: string | undefined
}

const HTTP_OPTION = '(google.api.http)'
const METHODS: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** The rules of a method (google/api/http.proto), including its `additional_bindings`. */
export function httpRules(method: protobuf.Method): HttpRule[] {
  const options = method.parsedOptions as Record<string, unknown>[] | undefined
  const rule = options?.find((option) => HTTP_OPTION in option)?.[HTTP_OPTION] as Record<string, unknown> | undefined
  if (!rule) return []
  const more = rule.additional_bindings ?? []
  return [rule, ...(Array.isArray(more) ? more : [more])].map(httpRule)
}

function httpRule(rule: Record<string, unknown>): HttpRule {
  const method = METHODS.find((name) => typeof rule[name.toLowerCase()] === 'string')
  if (!method) throw new TypeError(`an HTTP rule without a known method: ${JSON.stringify(rule)}`)
  return {
    method,
    match: pathMatcher(String(rule[method.toLowerCase()])),
    body: typeof rule.body === 'string' ? rule.body : undefined,
  }
}

/** Compiles a template such as `/v3/{name=projects/*}/timeSeries:createService`. */
export function pathMatcher(template: string): (path: string) => Record<string, string> | undefined {
  const fields: string[] = []
  const source = template.replace(
    /\{([^}=]+)(?:=([^}]+))?\}|[^{]+/g,
    (text, field: string | undefined, pattern: string | undefined) => {
      if (field === undefined) return segments(text)
      fields.push(field)
      return `(${segments(pattern ?? '*')})`
    },
  )
  const expression = new RegExp(`^${source}$`)
  return (path) => {
    const match = expression.exec(path)
    return match ? Object.fromEntries(fields.map((field, index) => [field, match[index + 1] ?? ''])) : undefined
  }
}

function segments(pattern: string): string {
  return pattern.replace(/\*\*|\*|[^*]+/g, (part) => {
    if (part === '**') return '.+'
    if (part === '*') return '[^/]+'
    return part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  })
}
