import { fileURLToPath } from 'node:url'
import {
  boolean,
  type EnvironmentOf,
  httpUrl,
  number,
  oneOf,
  port,
  telemetryEnvironment,
  text,
} from '@node-to-cloud/telemetry'

/** The script that runs where none is named: GET /. */
export const defaultScript = fileURLToPath(new URL('../scripts/default.yml', import.meta.url))

/** The variables that the load tester reads. */
export const loadtesterEnvironment = {
  ...telemetryEnvironment({ metricsPort: 9103 }),
  PORT: port({ default: 8089 }),
  TARGET_HOST: httpUrl({ default: 'http://127.0.0.1:8080' }),
  LOAD_MODE: oneOf(['standalone', 'master', 'worker'], { default: 'standalone' }),
  LOAD_AUTOSTART: boolean({ default: false }),
  LOAD_SCRIPT: text({ maxLength: 4096, default: defaultScript }),
  LOAD_RATE: number({ min: 0, max: 1_000_000 }),
} as const

export type LoadtesterEnvironment = EnvironmentOf<typeof loadtesterEnvironment>
