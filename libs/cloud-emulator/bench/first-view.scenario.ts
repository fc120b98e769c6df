import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Scenario } from '@node-to-cloud/bench'

const VIEWS = 7
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Views per second, from the median duration of a view: from navigation until all charts are on the screen. */
async function firstViews(): Promise<number | undefined> {
  if (!existsSync(CHROMIUM)) return undefined
  const script = fileURLToPath(new URL('../e2e/measure-first-view.ts', import.meta.url))
  const args = ['--conditions=@node-to-cloud/source', script, String(VIEWS), '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 120_000 })
  const { painted }: { painted: number } = JSON.parse(stdout)
  return 1000 / painted
}

export const scenario: Scenario = {
  name: 'cloud-emulator-first-view',
  description: `First views per second of a dashboard with 12 charts of an hour in Chromium: with an empty cache, from navigation until all charts are on the screen, median of ${VIEWS}; emulator and browser share the machine. The target is half a second per view.`,
  unit: 'views/s',
  baseline: 'a view in 0.5 s',
  variants: [
    { name: 'a view in 0.5 s', measure: async () => 2 },
    { name: 'first view of 12 charts', measure: firstViews },
  ],
  bounds: [{ variant: 'first view of 12 charts', atLeast: 1 }],
}
