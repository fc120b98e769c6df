import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** Serves the web UI's static files at `/`. Works from `src/ui` and from `dist/ui`: the files stay in `src/ui/public`. */
export async function registerUi(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, {
    root: fileURLToPath(new URL('../../src/ui/public/', import.meta.url)),
    prefix: '/',
    index: 'index.html',
  })
}
