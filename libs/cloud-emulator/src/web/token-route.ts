import type { FastifyInstance } from 'fastify'

/** Seconds until a client requests its next token. */
const EXPIRES_IN = 3600

/**
 * Where clients get a token for the credentials of `--tls-dir`. The token is meaningless, as the emulator has no access
 * control.
 */
export function registerTokenRoute(app: FastifyInstance): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'string' }, async () => undefined)
    scope.post('/token', async () => ({
      access_token: 'cloud-emulator',
      token_type: 'Bearer',
      expires_in: EXPIRES_IN,
    }))
  })
}
