import type { FastifyInstance } from 'fastify'

/** Seconds until a client asks for its next token. */
const EXPIRES_IN = 3600

/**
 * The two steps by which the credentials of `--tls-dir` become a token: a client gets what it exchanges, and exchanges
 * it (RFC 8693). The token says nothing, as the emulator has no access rights.
 */
export function registerTokenRoute(app: FastifyInstance): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'string' }, async () => undefined)
    scope.get('/token', async () => ({ subject_token: 'cloud-emulator' }))
    scope.post('/token', async () => ({
      access_token: 'cloud-emulator',
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: EXPIRES_IN,
    }))
  })
}
