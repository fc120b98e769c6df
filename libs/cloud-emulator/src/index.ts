export type { Answers, Parameters } from './contract/endpoints.ts'
export { type Emulator, type EmulatorOptions, startEmulator } from './emulator.ts'
export type { EmulatorState } from './emulator-state.ts'
export { fromJson } from './protos/proto-json.ts'
