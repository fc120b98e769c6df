/** The sum of a metric's series on the /metrics of a server; the name of a counter is without `_total`. */
export async function metricSum(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const line = new RegExp(`^${name}(?:_total)?(?:\\{[^}]*\\})? (\\S+)`, 'gm')
  return [...text.matchAll(line)].reduce((sum, [, value]) => sum + Number(value), 0)
}
