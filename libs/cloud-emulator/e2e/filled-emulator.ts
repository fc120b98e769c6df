import { requestBytes, SERIES_PER_REQUEST } from '../bench/load/metric-writer.ts'
import { startEmulator } from '../src/emulator.ts'
import { createTimeSeriesRequestCodec } from '../src/monitoring/messages.ts'

/** An emulator into which six hours of points go at once, by its own method but without a network. Prints where it is. */
const SERIES = Number(process.argv[2])
const STEP_SECONDS = 30
const STEPS = 720

const local = { host: '127.0.0.1', port: 0 }
const { state } = await startEmulator({ httpAddress: local, grpcAddress: local })
const method = state.dispatcher.methods.find(({ name }) => name === 'CreateTimeSeries')
if (!method) throw new TypeError('there is no CreateTimeSeries')
const now = Math.floor(Date.now() / 1000)
const start = now - (STEPS - 1) * STEP_SECONDS
for (let end = start; end <= now; end += STEP_SECONDS) {
  for (let batch = 0; batch * SERIES_PER_REQUEST < SERIES; batch++) {
    await state.dispatcher.call(
      method,
      createTimeSeriesRequestCodec.decode(requestBytes(batch, { start: start - 60, end, series: SERIES })),
    )
  }
}
process.stdout.write(`${state.endpoints.http}\n`)
