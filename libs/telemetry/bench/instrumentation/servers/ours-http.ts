// The wiring that libs/telemetry's README shows for any HTTP server.
import { createServer } from 'node:http'
import { readEnvironment, startTelemetry, telemetryEnvironment } from '@node-to-cloud/telemetry'
import { httpTelemetry } from '@node-to-cloud/telemetry/http'

const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }))
const telemetry = await startTelemetry({ service: { name: 'bench', version: '1.0.0' }, environment })
const server = createServer((_request, response) => response.end('Hello World!'))
httpTelemetry(server, { telemetry, requestLog: process.env.LOGS === 'on' })
server.listen(Number(process.env.PORT), '127.0.0.1', telemetry.setReady)
