import { RpcError } from './rpc-error.ts'

/** The maximum number of projects in a store, since any request that names a project creates it. */
export const MAX_PROJECTS = 1000

/** RESOURCE_EXHAUSTED, for a store that has {@link MAX_PROJECTS} projects. */
export function tooManyProjects(): RpcError {
  return new RpcError('RESOURCE_EXHAUSTED', `This emulator already has ${MAX_PROJECTS} projects, which is its limit.`)
}
