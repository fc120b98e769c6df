import type { ScriptChoices, StartRequest } from '../contract/api.ts'
import type { Master } from '../run/master.ts'
import type { Run } from '../run/run.ts'
import type { ScriptCatalog } from '../script/files/script-catalog.ts'
import { allTags } from '../script/scenario-tags.ts'
import { readScript } from '../script/script.ts'
import { createRunRequest } from './run-request.ts'

export interface RunStarterOptions {
  readonly catalog: ScriptCatalog
  readonly defaultScript: string
  readonly defaultTarget: string
  /** @throws TargetNotAllowedError */
  readonly checkTarget: (target: string) => void
}

/** Starts the runs that clients ask for: with a script from the catalogue, on an allowed target. */
export class RunStarter {
  readonly #master: Master
  readonly #options: RunStarterOptions

  constructor(master: Master, options: RunStarterOptions) {
    this.#master = master
    this.#options = options
  }

  /** @throws ScriptError, TargetError, TargetNotAllowedError, MasterError */
  async start(request: StartRequest): Promise<Run> {
    const { script, target, environment, scenario, tags, excludeTags, variables, percentiles, ...load } = request
    const { defaultScript, defaultTarget, catalog, checkTarget } = this.#options
    const chosen = target ?? defaultTarget
    checkTarget(chosen)
    const path = catalog.resolve(script ?? defaultScript)
    const settings = { target: chosen, environment, scenario, tags, excludeTags, variables }
    return this.#master.start({ ...(await createRunRequest(path, settings, load)), percentiles })
  }

  /** What a start may choose in a script. @throws ScriptError */
  async choices(name: string): Promise<ScriptChoices> {
    const { catalog, defaultTarget } = this.#options
    const { document } = await readScript(catalog.resolve(name), { target: defaultTarget })
    const scenarios = document.scenarios.flatMap((scenario) => (scenario.name === undefined ? [] : [scenario.name]))
    return {
      scenarios,
      tags: allTags(document.scenarios),
      environments: Object.keys(document.config.environments ?? {}),
      variables: Object.keys(document.config.variables ?? {}),
    }
  }

  /** Starts the default script with a steady load: the given rate, else the script's shape or first level. */
  async startSteadily(rate: number | undefined): Promise<Run> {
    if (rate !== undefined) return this.start({ rate })
    const { defaultScript, defaultTarget, catalog } = this.#options
    const { plan, shape } = await readScript(catalog.resolve(defaultScript), { target: defaultTarget })
    if (shape !== undefined) return this.start({})
    const level = plan.profile.levelAt(0)
    return this.start(plan.model === 'open' ? { rate: level } : { users: level })
  }
}
