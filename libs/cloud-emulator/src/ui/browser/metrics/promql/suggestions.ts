import { type PromqlClient, promqlWords } from '../../client/promql-client.ts'
import { type CompletionContext, fittingSuggestions, type Suggestion } from './completion.ts'

/** How long responses are cached, since metrics and labels come and go. */
const KEPT_MS = 15_000

/** Reads the suggestions for a position in a query, and caches them for some seconds. */
export class Suggestions {
  readonly #client: PromqlClient
  readonly #known = new Map<string, { readonly atMs: number; readonly answer: Promise<readonly Suggestion[]> }>()

  constructor(client: PromqlClient) {
    this.#client = client
  }

  async at(place: CompletionContext): Promise<readonly Suggestion[]> {
    const { kind, metric = '', label = '' } = place
    const all = await this.#remembered(`${kind} ${metric} ${label}`, () => this.#read(place))
    return fittingSuggestions(all, place.word)
  }

  async #read({ kind, metric, label = '' }: CompletionContext): Promise<readonly Suggestion[]> {
    if (kind === 'label') return (await this.#client.labelNames(metric)).map((text) => ({ text, note: 'label' }))
    if (kind === 'value')
      return (await this.#client.labelValues(label, metric)).map((text) => ({
        text: JSON.stringify(text).slice(1, -1),
        note: label,
      }))
    const [{ functions, aggregations }, names] = await Promise.all([promqlWords(), this.#client.metricNames()])
    return [
      ...functions.map(({ name, signature }) => ({ text: name, note: signature })),
      ...aggregations.map((text) => ({ text, note: 'aggregation' })),
      ...names.filter((name) => /^[A-Za-z_:][\w:]*$/.test(name)).map((text) => ({ text, note: 'metric' })),
    ]
  }

  #remembered(key: string, read: () => Promise<readonly Suggestion[]>): Promise<readonly Suggestion[]> {
    const known = this.#known.get(key)
    if (known && performance.now() - known.atMs < KEPT_MS) return known.answer
    // Without a response there are no suggestions; the query itself will show the error.
    const answer = read().catch(() => [])
    this.#known.set(key, { atMs: performance.now(), answer })
    return answer
  }
}
