/** The sidecar as a library: for programs that run it in their own process. */
export { type App, type AppOverrides, startApp } from './app.ts'
export { type Config, readConfig } from './config/config.ts'
export { type Flags, type Information, parseFlags } from './config/flags.ts'
export { findIdentity, gceMetadata, type Identity } from './config/identity.ts'
