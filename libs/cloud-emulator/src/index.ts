export { type Emulator, type EmulatorOptions, type EmulatorState, startEmulator } from './emulator.ts'
