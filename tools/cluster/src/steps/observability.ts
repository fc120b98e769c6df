import { expect, type Step } from '../step.ts'
import { askEmulator } from '../stored.ts'
import { until } from '../wait.ts'

/** Points of 8 bytes each month, of a series every 30 s; those of histograms have 80 bytes and more. */
const POINTS_A_MONTH = (30 * 86_400) / 30

const logLine: Step = {
  name: 'a log line of flask-app names its trace',
  short: false,
  async run({ installation }) {
    const { kubectl } = installation
    const found = await until('a line with the ID of a stored trace', 120_000, async () => {
      const selector = ['--selector', 'app.kubernetes.io/name=flask-app-tutorial']
      const { stdout } = await kubectl.run(['logs', ...selector, '--tail=400', '--prefix=false'])
      const ids = new Set(
        [...stdout.matchAll(/"logging\.googleapis\.com\/trace":"[^"]*?([0-9a-f]{32})"/g)].map(([, id]) => id),
      )
      const { traces } = await askEmulator(installation, '/api/traces', { limit: '200' })
      return traces.find(({ traceId }) => ids.has(traceId))
    })
    return `trace ${found.traceId} of ${found.spans} spans`
  },
}

const cost: Step = {
  name: 'what is stored, and what that costs a month',
  short: false,
  async run({ installation }) {
    const { metrics } = await askEmulator(installation, '/api/metrics')
    const count = (distributions: boolean): number =>
      metrics
        .filter(({ valueType }) => (valueType === 'DISTRIBUTION') === distributions)
        .reduce((sum, { series }) => sum + series, 0)
    const [scalars, distributions] = [count(false), count(true)]
    const heap = metrics.filter(({ type }) => type.includes('/nodejs_heap_'))
    expect(heap.length === 0, `${heap.map(({ type }) => type).join(', ')} that nobody charts`)
    const points = (scalars + distributions) * POINTS_A_MONTH
    const mebibytes = ((scalars * 8 + distributions * 80) * POINTS_A_MONTH) / 2 ** 20
    return `${scalars} series and ${distributions} of distributions: ${(points / 1e6).toFixed(0)} M points, ${mebibytes.toFixed(0)} MiB`
  },
}

export const observabilitySteps: readonly Step[] = [logLine, cost]
