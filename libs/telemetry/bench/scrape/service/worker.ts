// 500 series besides the process's own: 20 label sets of a histogram with 15 buckets, sum and count, and 160 of a
// counter. All change between scrapes.
import { Counter, Histogram, readEnvironment, startTelemetry, telemetryEnvironment } from '@node-to-cloud/telemetry'
import { joinCluster } from '@node-to-cloud/telemetry/cluster/worker'
import { installWorkerSignals } from '@node-to-cloud/telemetry/cluster/worker-signals'
import { createShutdown } from '@node-to-cloud/telemetry/shutdown'

const shutdown = createShutdown({ signals: [] })
installWorkerSignals(shutdown)
const telemetry = await startTelemetry({
  service: { name: 'scraped', version: '1.0.0' },
  environment: readEnvironment(telemetryEnvironment({ metricsPort: 0 })),
  shutdown,
  role: 'worker',
})
const registers = [telemetry.registry]
const durations = new Histogram({
  name: 'duration_seconds',
  help: 'Durations',
  labelNames: ['method', 'path', 'status'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  registers,
})
const requests = new Counter({ name: 'requests_total', help: 'Requests', labelNames: ['path', 'status'], registers })
const count = () => {
  for (let index = 0; index < 20; index++) {
    durations.observe({ method: 'GET', path: `/path/${index}`, status: 200 }, Math.random())
  }
  for (let index = 0; index < 160; index++) requests.inc({ path: `/path/${index}`, status: 200 })
}
count()
setInterval(count, 1000)
joinCluster({ telemetry }).setReady('http://127.0.0.1/')
