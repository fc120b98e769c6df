import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { ApiError, createApi } from './api.ts'

/** Responds to requests in turn, and collects them. */
function answering(context: TestContext, ...answers: readonly (Response | Error)[]) {
  const asked: { readonly path: string; readonly init: RequestInit | undefined }[] = []
  context.mock.method(globalThis, 'fetch', async (path: string, init?: RequestInit) => {
    const answer = answers[asked.length]
    asked.push({ path, init })
    if (answer instanceof Response) return answer
    throw answer
  })
  return asked
}
const json = (body: unknown, status = 200): Response => Response.json(body, { status })

describe('the endpoints', () => {
  it('are those of a project', async (context) => {
    const asked = answering(context, json({}), json({ metrics: [] }), json({}))
    const api = createApi('a b')
    await api.summary()
    await api.metrics()
    await api.labels('x/y')
    assert.deepEqual(
      asked.map(({ path }) => path),
      ['/api/summary?project=a+b', '/api/metrics?project=a+b', '/api/labels?project=a+b&type=x%2Fy'],
    )
  })
  it('are those of the emulator, without one', async (context) => {
    const asked = answering(context, json({}), json({}), json({}))
    const api = createApi(undefined)
    await api.traces({ start: 1, end: 2, service: '' })
    await api.trace('a/b')
    await api.alertPolicy('projects/p/alertPolicies/1 2')
    assert.deepEqual(
      asked.map(({ path }) => path),
      ['/api/traces?start=1&end=2', '/api/traces/a%2Fb', '/v3/projects/p/alertPolicies/1%202'],
    )
  })
  it('receive chart queries in whole milliseconds', async (context) => {
    const asked = answering(context, json({ nowMs: 1, results: [] }))
    await createApi('p').query(1.4, 2.6, [])
    assert.equal(asked[0]?.init?.body, '{"project":"p","startTime":1,"endTime":3,"queries":[]}')
  })
  it('return all pages of dashboards', async (context) => {
    const asked = answering(
      context,
      json({ dashboards: [{ name: 'a' }], nextPageToken: 't' }),
      json({ dashboards: [{ name: 'b' }] }),
    )
    assert.deepEqual(
      (await createApi(undefined).dashboards()).map(({ name }) => name),
      ['a', 'b'],
    )
    assert.equal(asked[1]?.path, '/v1/projects/-/dashboards?pageSize=1000&pageToken=t')
  })
})

describe('a failed request', () => {
  for (const [what, answer, code, message] of [
    ['is an error with a message', json({ error: { message: 'no such trace' } }, 404), 404, 'no such trace'],
    ['is not JSON', new Response('<html>', { status: 502, statusText: 'Bad Gateway' }), 502, '502 Bad Gateway'],
    ['gets no response', new TypeError('fetch failed'), 0, 'cloud-emulator does not respond'],
  ] as const)
    it(what, async (context) => {
      answering(context, answer)
      await assert.rejects(createApi('p').summary(), (error) => {
        assert.ok(error instanceof ApiError)
        assert.deepEqual([error.code, error.message], [code, message])
        return true
      })
    })
  it('was aborted', async (context) => {
    const reason = new Error('another page')
    answering(context, reason)
    await assert.rejects(createApi('p').summary(AbortSignal.abort(reason)), reason)
  })
})
