import { createInterface } from 'node:readline'
import { Engine, type SeriesSamples } from '../src/index.ts'
import { matchesAll } from '../src/labels/matcher.ts'
import { answerOf, type Request, toSamples } from './wire.ts'

/**
 * Reads queries and the contents of the store from standard input, one JSON object per line, and writes one result for
 * each.
 */

const engine = new Engine({
  maxSamples: Number(process.env.MAX_SAMPLES ?? 10_000),
  delayedNameRemoval: true,
  useStartTimestamps: true,
  unquotedUtf8Names: true,
})

let stored: readonly SeriesSamples[] = []

function answer({ query, start, end, step, range, series }: Request): unknown {
  if (series !== undefined) stored = series.map(toSamples)
  try {
    const select = (matchers: Parameters<typeof matchesAll>[0]) =>
      stored.filter(({ labels }) => matchesAll(matchers, labels))
    const result = range ? engine.range(select, query, start, end, step) : engine.instant(select, query, start)
    return answerOf(result, start)
  } catch (error) {
    const isKnown = error instanceof Error && (error.name === 'ParseError' || error.name === 'QueryError')
    return { error: isKnown ? error.message : `unexpected: ${error instanceof Error ? error.stack : String(error)}` }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request: Request = JSON.parse(line)
  process.stdout.write(`${JSON.stringify(answer(request))}\n`)
}
