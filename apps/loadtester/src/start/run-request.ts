import type { LoadOverride } from '../contract/api.ts'
import type { RunRequest } from '../run/run.ts'
import { endpointNames } from '../script/bounds/endpoint-names.ts'
import { readBounds } from '../script/bounds/ensure.ts'
import { chooseLoad } from '../script/choose-load.ts'
import { rowNotices } from '../script/row-notices.ts'
import { type ReadScriptOptions, readScript } from '../script/script.ts'
import { referenceOf } from '../script/script-reference.ts'
import { checkTargetReachable } from './target-check.ts'

/**
 * Turns a script's file into a run: reads the script, chooses the load, and checks that the target can be reached.
 *
 * @param override.keepsDuration a given rate, or users, last as long as the script's phases.
 * @throws ScriptError, TargetError
 */
export async function createRunRequest(
  path: string,
  options: ReadScriptOptions,
  override: LoadOverride & { readonly keepsDuration?: boolean },
): Promise<RunRequest> {
  const script = await readScript(path, options)
  const load = chooseLoad(script, override, override)
  const bounds = readBounds(script.document)
  await checkTargetReachable(script)
  const endpoints = endpointNames(script.document).bySeries
  return { ...load, script: referenceOf(script, options), bounds, endpoints, notices: rowNotices(script, load) }
}
