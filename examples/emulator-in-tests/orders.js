/** Writes the number of orders to Cloud Monitoring at `url`. */
export async function writeOrders(count, { url, project, type = 'custom.googleapis.com/orders' }) {
  const response = await fetch(`${url}/v3/projects/${project}/timeSeries`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      timeSeries: [
        {
          metric: { type },
          resource: { type: 'global', labels: { project_id: project } },
          points: [{ interval: { endTime: new Date().toISOString() }, value: { int64Value: String(count) } }],
        },
      ],
    }),
  })
  if (!response.ok) throw new Error(`Cloud Monitoring answered ${response.status}: ${await response.text()}`)
}
