import { LoggingWinston } from '@google-cloud/logging-winston'
import winston from 'winston'

const transport = new LoggingWinston({
  apiEndpoint: '127.0.0.1',
  port: Number(process.env.EMULATOR_PORT),
  logName: 'winston-log',
  labels: { from: 'winston' },
  resource: { type: 'global' },
  defaultCallback: (error) => {
    if (error) throw error
  },
})
winston.createLogger({ transports: [transport] }).error('winston says', { order: 17 })
