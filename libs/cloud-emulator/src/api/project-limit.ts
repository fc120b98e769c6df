import { RpcError } from './rpc-error.ts'

/** The most projects that a store keeps, since a request creates one by naming it. */
export const MAX_PROJECTS = 1000

export function tooManyProjects(): RpcError {
  return new RpcError('RESOURCE_EXHAUSTED', `This emulator already has ${MAX_PROJECTS} projects, which is its limit.`)
}
