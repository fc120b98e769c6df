import { createGcpLoggingPinoConfig } from '@google-cloud/pino-logging-gcp-config'
import pino from 'pino'

const config = createGcpLoggingPinoConfig({ serviceContext: { service: 'pino-peer', version: '1.0.0' } })
pino(config, pino.transport({ target: 'pino-opentelemetry-transport' })).warn({ order: 17 }, 'pino says')
