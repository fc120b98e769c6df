import { ListenError } from './listen-error.ts'
import { formatHostPort, type HostPort } from './values/host-port.ts'

/** What is used of a Fastify server here. */
export interface FastifyServer {
  ready(): PromiseLike<unknown>
  listen(address: HostPort): Promise<string>
}

/**
 * Has a Fastify server listen on an address, once its plugins are loaded.
 *
 * @param setting the option or variable that holds the address, such as `--web.listen-address`
 * @throws ListenError if it can't; what a plugin throws is thrown as it is
 */
export async function listenOn(server: FastifyServer, address: HostPort, setting?: string): Promise<void> {
  await server.ready()
  try {
    await server.listen(address)
  } catch (error) {
    throw new ListenError(formatHostPort(address), error, setting)
  }
}
