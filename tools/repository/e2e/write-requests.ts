import assert from 'node:assert/strict'

/** The emulator's project. */
export const PROJECT = 'demo-project'

/** Writes a counter and a histogram as the sidecar does, at two times. */
export async function writeRequests(url: string): Promise<void> {
  const now = Date.now()
  const startTime = new Date(now - 600_000).toISOString()
  for (const [index, ageMs] of [300_000, 200_000, 100_000].entries()) {
    const point = (value: object) => [{ interval: { startTime, endTime: new Date(now - ageMs).toISOString() }, value }]
    const count = String(10 * (index + 1))
    const common = {
      resource: { type: 'generic_node', labels: { location: 'us-central1', namespace: 'compose', node_id: 'service' } },
      metricKind: 'CUMULATIVE',
    }
    const type = 'external.googleapis.com/prometheus/flask_http_request'
    const response = await fetch(`${url}/v3/projects/${PROJECT}/timeSeries`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        timeSeries: [
          {
            ...common,
            metric: { type, labels: { status: '200' } },
            valueType: 'DOUBLE',
            points: point({ doubleValue: Number(count) }),
          },
          {
            ...common,
            metric: { type: `${type}_duration_seconds`, labels: { status: '200' } },
            valueType: 'DISTRIBUTION',
            points: point({
              distributionValue: {
                count,
                mean: 0.1,
                bucketOptions: { explicitBuckets: { bounds: [0.05, 0.2] } },
                bucketCounts: ['0', count, '0'],
              },
            }),
          },
        ],
      }),
    })
    assert.equal(response.status, 200, await response.text())
  }
}
