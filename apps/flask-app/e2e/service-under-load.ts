import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readSeries, ServiceProcess, type ServiceProcessOptions } from '@node-to-cloud/telemetry/testing'
import { type SteadyLoad, type SteadyLoadOptions, startSteadyLoad } from '@node-to-cloud/telemetry/testing/load'

export const MODULE = fileURLToPath(new URL('../src/main.ts', import.meta.url))
export const RATE_PER_SECOND = 500

/** A service under load, and what is done to it. */
export interface Trial {
  readonly workers: number
  readonly service?: Partial<ServiceProcessOptions>
  readonly load?: SteadyLoadOptions
  act(service: ServiceProcess, load: SteadyLoad): Promise<void>
}

/**
 * Runs flask-app under load, does something to it, and continues the load for a while; returns the results and the last
 * scrape.
 */
export async function underLoad({ workers, service: options = {}, load: loadOptions, act }: Trial) {
  await using service = new ServiceProcess({
    ...options,
    module: MODULE,
    env: { WORKERS: String(workers), RELOAD_ON_SIGHUP: 'true', ...options.env },
  })
  await service.untilReady()
  await untilReadyWorkers(service, workers)
  const load = startSteadyLoad(await service.serviceUrl(), RATE_PER_SECOND, loadOptions)
  await sleep(1_000)
  try {
    await act(service, load)
    await sleep(1_000)
  } finally {
    await load.stop()
  }
  const result = await load.stop()
  return { ...result, exposition: await service.scrape() }
}

export function untilReadyWorkers(service: ServiceProcess, workers: number): Promise<boolean> {
  return service.until(
    `${workers} workers are ready`,
    async () => readSeries(await service.scrape(), 'telemetry_workers') === workers,
  )
}
