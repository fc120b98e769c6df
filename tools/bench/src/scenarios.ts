import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Scenario } from './scenario.ts'

/** The files with the scenarios of all packages. */
const PLACES = '{apps,libs,tools}/*/bench/**/*.scenario.ts'

/**
 * Returns the scenarios of all packages: what each of these files exports as `scenario`.
 *
 * @throws if a file has no such export
 */
export async function findScenarios(root: string): Promise<Scenario[]> {
  const files = globSync(PLACES, { cwd: root }).sort()
  return Promise.all(
    files.map(async (file) => {
      const { scenario }: { scenario?: Scenario } = await import(pathToFileURL(join(root, file)).href)
      if (scenario === undefined) throw new Error(`${file} exports no scenario`)
      return scenario
    }),
  )
}
