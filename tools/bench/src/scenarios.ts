import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Scenario } from './scenario.ts'

/** Where the scenarios of all rooms are. */
const places = '{apps,libs,tools}/*/bench/**/*.scenario.ts'

/**
 * Gives the scenarios of all rooms: what each file of that name exports as `scenario`.
 *
 * @throws where a module has no such export
 */
export async function findScenarios(root: string): Promise<Scenario[]> {
  const files = globSync(places, { cwd: root }).sort()
  return Promise.all(
    files.map(async (file) => {
      const { scenario }: { scenario?: Scenario } = await import(pathToFileURL(join(root, file)).href)
      if (scenario === undefined) throw new Error(`${file} exports no scenario`)
      return scenario
    }),
  )
}
