import { isJsonObject, type JsonObject } from '../model/json-object.ts'

/** Every `remote_write` of a Prometheus configuration to this port; if there is none, all. */
export function remoteWritesTo(config: JsonObject, receiverPort: number | undefined): readonly JsonObject[] {
  const all = Array.isArray(config.remote_write) ? config.remote_write.filter(isJsonObject) : []
  const ours = all.filter(({ url }) => portOf(url) === receiverPort)
  return ours.length > 0 ? ours : all
}

/** Whether native histograms are scraped, but not sent by `writes`: remote_write then drops them without a trace. */
export function withholdsNativeHistograms(config: JsonObject, writes: readonly JsonObject[]): boolean {
  const jobs = Array.isArray(config.scrape_configs) ? config.scrape_configs.filter(isJsonObject) : []
  return (
    jobs.some((job) => job.scrape_native_histograms === 'true') &&
    writes.length > 0 &&
    writes.every((write) => write.send_native_histograms !== 'true')
  )
}

function portOf(url: unknown): number | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined
  const { port, protocol } = new URL(url)
  return Number(port || (protocol === 'https:' ? 443 : 80))
}
