import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { messageOf } from '@node-to-cloud/command-line'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isApiPath } from '../api/absent-methods.ts'
import { invalidArgument, RpcError } from '../api/rpc-error.ts'
import { shortened } from '../api/shortened.ts'
import { parseExactJson } from '../protos/exact-json.ts'

const gunzipAsync = promisify(gunzip)

/**
 * Parses JSON and protobuf bodies, plain or gzipped, of at most `maxBytes` before and after decompression. A protobuf
 * body stays a `Buffer`; a body without a content type is JSON.
 */
export function registerBodyParsers(app: FastifyInstance, options: { maxBytes: number }): void {
  app.removeAllContentTypeParsers()
  const inflate = async (encoding: string | undefined, body: Buffer): Promise<Buffer> => {
    if (encoding === undefined || encoding === 'identity') return body
    if (encoding !== 'gzip') throw invalidArgument(`The content encoding "${encoding}" is not supported; gzip is.`)
    try {
      return await gunzipAsync(body, { maxOutputLength: options.maxBytes })
    } catch (error) {
      throw new RpcError(
        'INVALID_ARGUMENT',
        `The body can't be decompressed to at most ${options.maxBytes} bytes: ${messageOf(error)}`,
      )
    }
  }
  app.addContentTypeParser(
    'application/x-protobuf',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => inflate(request.headers['content-encoding'], body),
  )
  const readJson = async (request: FastifyRequest, body: Buffer): Promise<unknown> => {
    const text = (await inflate(request.headers['content-encoding'], body)).toString('utf8')
    if (text.trim() === '') return undefined
    try {
      return isApiPath(request.url) ? parseExactJson(text) : JSON.parse(text)
    } catch (error) {
      throw invalidArgument(`Invalid JSON payload received. ${messageOf(error)}`)
    }
  }
  app.addContentTypeParser(/^(?:application|text)\/(?:[\w.+-]*json|plain)/, { parseAs: 'buffer' }, readJson)
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    const type = request.headers['content-type']
    if (type === undefined) return readJson(request, body)
    throw invalidArgument(`The content type "${shortened(type)}" is not supported; application/json is.`)
  })
}
