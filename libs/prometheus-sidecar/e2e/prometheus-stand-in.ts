import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { GOLDEN_INPUT } from './golden-fixture.ts'

/** The endpoints of Prometheus' API for which the golden input has responses. */
export async function startPrometheusStandIn(): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://prometheus')
    const answer = (data: unknown, status = 200) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(status === 200 ? { status: 'success', data } : { status: 'error', error: data }))
    }
    if (url.pathname === '/api/v1/targets') return answer(GOLDEN_INPUT.targets.data)
    if (url.pathname === '/api/v1/targets/metadata') {
      const metric = url.searchParams.get('metric')
      const found = GOLDEN_INPUT.metadata.data.filter((entry) => metric === null || entry.metric === metric)
      return found.length === 0 ? answer('specified metadata not found', 404) : answer(found)
    }
    if (url.pathname === '/api/v1/status/config') return answer({ yaml: 'global: {}\n' })
    return answer('not found', 404)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { url: `http://127.0.0.1:${address.port}`, server }
}
