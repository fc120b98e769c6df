/**
 * GETs a JSON document.
 *
 * @throws where the answer is not 2xx, or does not come within 5 s
 */
export async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
  if (!response.ok) throw new Error(`GET ${url} responded with ${response.status}`)
  return (await response.json()) as T
}
