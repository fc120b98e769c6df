import { requestBytes, SERIES_PER_REQUEST } from '../bench/load/metric-writer.ts'
import { startEmulator } from '../src/emulator.ts'
import { createTimeSeriesRequestCodec } from '../src/monitoring/model/messages.ts'

/**
 * An emulator with six hours of points: the first point of each series is written, the others go directly into the
 * store. Prints its URL.
 */
const SERIES = Number(process.argv[2])
const STEP_SECONDS = 30
const STEPS = 720

const { state } = await startEmulator()
const method = state.dispatcher.methods.find(({ name }) => name === 'CreateTimeSeries')
if (!method) throw new TypeError('there is no CreateTimeSeries')
const now = Math.floor(Date.now() / 1000)
const first = now - (STEPS - 1) * STEP_SECONDS
for (let batch = 0; batch * SERIES_PER_REQUEST < SERIES; batch++) {
  const bytes = requestBytes(batch, { start: first - 60, end: first, series: SERIES })
  await state.dispatcher.call(method, createTimeSeriesRequestCodec.decode(bytes), { secure: false })
}
const project = state.metrics.project('demo-project')
for (let step = 1; step < STEPS; step++) {
  const endMicros = (first + step * STEP_SECONDS) * 1e6
  for (const series of project.seriesByKey.values()) {
    const { lastValue, lastStartMicros } = series.points
    if (lastValue === undefined || lastStartMicros === undefined) throw new TypeError('a series without a point')
    const startMicros = series.metricKind === 'GAUGE' ? endMicros : lastStartMicros
    state.metrics.append(project, series, { startMicros, endMicros, value: lastValue, exemplars: [] }, now * 1e6)
  }
}
process.stdout.write(`${state.endpoints.http}\n`)
