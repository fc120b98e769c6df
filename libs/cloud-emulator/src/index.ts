export { type Emulator, type EmulatorOptions, type EmulatorState, startEmulator } from './emulator.ts'
export { fromJson } from './protos/proto-json.ts'
