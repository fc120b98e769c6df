import { request } from 'node:http'
import type { PromqlRequest } from './promql-requests.ts'

/** Sends a request unchanged, where `fetch` would normalize it. */
export function sendRequest(api: string, one: PromqlRequest): Promise<{ status: number; text: string }> {
  const { method, path, headers, body } = one
  const { hostname, port, pathname } = new URL(api)
  return new Promise((resolve, reject) => {
    const target = { hostname, port, method, path: `${pathname}/${path}`, headers, timeout: 60_000 }
    const sent = request(target, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.on('error', (error) => reject(new Error(`${api} ${JSON.stringify(one)}: ${error.message}`)))
    sent.on('timeout', () => sent.destroy(new Error('no response')))
    sent.end(body)
  })
}
