import { invalidArgument } from '../../api/rpc-error.ts'
import { type FieldMask, parseFieldMask } from './partial-response.ts'

/** Parameters of Google's front end that are not fields of requests; each may begin with `$`. */
export const SYSTEM_PARAMETERS: ReadonlySet<string> = new Set(
  [
    'alt',
    'key',
    'access_token',
    'oauth_token',
    'prettyPrint',
    'quotaUser',
    'userProject',
    'fields',
    '.xgafv',
    'httpHeaders',
    'callback',
    'uploadType',
    'upload_protocol',
    'req',
    'userIp',
  ].flatMap((name) => [name, `$${name}`]),
)

/** The format of the response. */
export interface AnswerFormat {
  readonly enumsAsNumbers: boolean
  readonly pretty: boolean
  readonly fields: FieldMask | undefined
}

/** Parses `$alt=json;enum-encoding=int`, `fields` and `prettyPrint`. Throws INVALID_ARGUMENT. */
export function readAnswerFormat(query: URLSearchParams): AnswerFormat {
  const alt = parameter(query, 'alt') ?? 'json'
  const [format, ...modifiers] = alt.split(';')
  if (format?.toLowerCase() !== 'json')
    throw invalidArgument(`Invalid value at 'alt', "${alt.slice(0, 100)}": this emulator supports only json.`)
  const fields = parameter(query, 'fields')
  return {
    enumsAsNumbers: modifiers.includes('enum-encoding=int'),
    pretty: /^(?:true|1)$/i.test(parameter(query, 'prettyPrint') ?? ''),
    fields: fields ? parseFieldMask(fields) : undefined,
  }
}

function parameter(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) ?? query.get(`$${name}`) ?? undefined
}
