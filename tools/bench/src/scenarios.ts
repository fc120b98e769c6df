import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Scenario } from './scenario.ts'

/**
 * Gives the scenarios of all rooms: what `bench/*.scenario.ts` in an app or a library exports as `scenario`.
 *
 * @throws where a module has no such export
 */
export async function findScenarios(root: string): Promise<Scenario[]> {
  const files = ['apps', 'libs']
    .flatMap((group) => readdirSync(join(root, group)).map((room) => join(root, group, room, 'bench')))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .filter((file) => file.endsWith('.scenario.ts'))
    .sort()
  return Promise.all(
    files.map(async (file) => {
      const { scenario }: { scenario?: Scenario } = await import(pathToFileURL(file).href)
      if (scenario === undefined) throw new Error(`${file} exports no scenario`)
      return scenario
    }),
  )
}
