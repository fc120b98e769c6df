import { RpcError } from './rpc-error.ts'

/** Projects that are kept at most, of metrics and of traces each: a name is all that it takes to make one. */
export const MAX_PROJECTS = 1000

export function tooManyProjects(): RpcError {
  return new RpcError('RESOURCE_EXHAUSTED', `This emulator has ${MAX_PROJECTS} projects already, which is its limit.`)
}
