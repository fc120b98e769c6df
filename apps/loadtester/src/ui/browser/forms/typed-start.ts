import { parseTypedNumber } from '@node-to-cloud/browser-kit/format/typed-number'
import type { StartRequest } from '../../../contract/api.ts'
import { type FieldProblem, readLoad, type TypedLoad } from './typed-load.ts'

interface StartProblem {
  readonly field: FieldProblem['field'] | 'percentiles'
  readonly message: string
}

/** The name of the field for a variable of the script. */
export function variableField(name: string): string {
  return `variable-${name}`
}

/**
 * Reads the form that starts a test; `text` gives what was typed into a field. Empty fields are ignored, and every
 * invalid one is reported.
 */
export function readStart(
  kind: TypedLoad['kind'],
  variables: readonly string[],
  text: (name: string) => string,
): { readonly request: StartRequest; readonly problems: readonly StartProblem[] } {
  const { load, problems } = readLoad({
    kind,
    level: text('level'),
    spawnRate: text('spawnRate'),
    durationSeconds: text('durationSeconds'),
  })
  const percentiles = listOf(text('percentiles'))
  const wrong = percentiles.find((one) => !isPercentile(one))
  const given = variables.flatMap((name) => {
    const value = text(variableField(name))
    return value === '' ? [] : [[name, readValue(value)] as const]
  })
  const tags = listOf(text('tags'))
  return {
    request: {
      script: text('script'),
      target: text('target'),
      ...(text('scenario') === '' ? {} : { scenario: text('scenario') }),
      ...(text('environment') === '' ? {} : { environment: text('environment') }),
      ...(tags.length === 0 ? {} : { tags }),
      ...(given.length === 0 ? {} : { variables: Object.fromEntries(given) }),
      ...(percentiles.length === 0 ? {} : { percentiles: percentiles.map(Number) }),
      ...load,
    },
    problems: [
      ...problems,
      ...(wrong === undefined
        ? []
        : [
            {
              field: 'percentiles',
              message: `Enter numbers above 0 and up to 100, with commas between them, not "${wrong}".`,
            } as const,
          ]),
    ],
  }
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

function isPercentile(text: string): boolean {
  const value = parseTypedNumber(text)
  return value !== undefined && value > 0 && value <= 100
}

/** Numbers, lists and objects are written as in JSON; anything else is text. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
