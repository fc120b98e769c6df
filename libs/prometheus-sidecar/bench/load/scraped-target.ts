import { createServer } from 'node:http'
import { CountingApi } from './counting-api.ts'
import { expositionOf } from './exposition.ts'

/* The surroundings of a scraper: a target, and a Cloud Monitoring API that only counts points. */

const [httpPort = 0, grpcPort = 0] = process.argv.slice(2, 4).map(Number)
const api = new CountingApi()
let round = 0

createServer(({ url, headers }, response) => {
  if (url === '/count') {
    response.end(String(api.points))
    return
  }
  const openMetrics = headers.accept?.includes('application/openmetrics-text') ?? false
  const type = openMetrics ? 'application/openmetrics-text; version=1.0.0' : 'text/plain; version=0.0.4'
  response.setHeader('Content-Type', `${type}; charset=utf-8`)
  round += 1
  response.end(expositionOf(round, { openMetrics }))
}).listen(httpPort, '127.0.0.1')

await api.listen(grpcPort)
