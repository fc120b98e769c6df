export { freePort, freePorts } from './free-port.ts'
export { LOCUST_VERSION, locustProgram } from './locust.ts'
export { PinnedProcess, processors } from './pinned-process.ts'
export type { Bound, Measurement, Scenario, Variant } from './scenario.ts'
