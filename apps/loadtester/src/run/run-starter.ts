import { readBounds } from '../report/ensure.ts'
import { chooseLoad, type LoadOverride } from '../script/choose-load.ts'
import { readScript } from '../script/script.ts'
import type { ScriptCatalog } from '../script/script-catalog.ts'
import { referenceOf } from '../script/script-reference.ts'
import type { Master } from './master.ts'
import type { Run } from './run.ts'
import { checkTargetReachable } from './target-check.ts'

/** A run that somebody asks for. */
export interface StartRequest extends LoadOverride {
  /** Default: the configured script. */
  readonly script?: string | undefined
  /** Default: the configured target. */
  readonly target?: string | undefined
  readonly environment?: string | undefined
}

export interface RunStarterOptions {
  readonly catalog: ScriptCatalog
  readonly defaultScript: string
  readonly defaultTarget: string
  /** @throws Error for a target that is not allowed. */
  readonly checkTarget: (target: string) => void
}

/** Turns what somebody asks for into a run: reads the script, checks the target, chooses the load. */
export class RunStarter {
  readonly #master: Master
  readonly #options: RunStarterOptions

  constructor(master: Master, options: RunStarterOptions) {
    this.#master = master
    this.#options = options
  }

  /** @throws ScriptError, TargetError, TargetNotAllowedError or MasterError. */
  async start(request: StartRequest): Promise<Run> {
    const target = request.target ?? this.#options.defaultTarget
    this.#options.checkTarget(target)
    const path = this.#options.catalog.resolve(request.script ?? this.#options.defaultScript)
    const script = await readScript(path, { target, environment: request.environment })
    const load = chooseLoad(script, request)
    const bounds = readBounds(script.document.config)
    await checkTargetReachable(script)
    return this.#master.start({
      ...load,
      script: referenceOf(script, request.environment),
      bounds,
    })
  }

  /** The load that LOAD_AUTOSTART makes: steady, by its own rate or the script's first level. */
  async startSteadily(rate: number | undefined): Promise<Run> {
    if (rate !== undefined) return this.start({ rate })
    const path = this.#options.catalog.resolve(this.#options.defaultScript)
    const { plan, shape } = await readScript(path, { target: this.#options.defaultTarget })
    if (plan === undefined && shape === undefined) return this.start({ rate: 1 })
    if (plan === undefined) return this.start({})
    const level = plan.profile.levelAt(0)
    return this.start(plan.model === 'open' ? { rate: level } : { users: level })
  }
}
