import type { ScenarioSpec } from '../artillery/script-document.ts'
import { show } from './plain-object.ts'
import { ScriptError } from './script-error.ts'

/** How many tags a run may choose scenarios by. */
export const MAX_TAGS = 100

export interface TagChoice {
  /** Only scenarios that have one of these. */
  readonly tags?: readonly string[] | undefined
  /** No scenario that has one of these. */
  readonly excludeTags?: readonly string[] | undefined
}

/**
 * The tags of a scenario: a list of names, or one of them.
 *
 * @throws ScriptError for anything else.
 */
export function tagsOf({ tags = [] }: ScenarioSpec, index: number): readonly string[] {
  const list: unknown[] = [tags].flat()
  if (list.every((tag) => typeof tag === 'string' && tag !== '')) return list as string[]
  throw ScriptError.at(`scenarios[${index}].tags`, `must be a list of names, not ${show(tags)}`)
}

/** Reads a list such as `smoke,checkout`; undefined if it can't be read. */
export function readTags(text: string): readonly string[] | undefined {
  const tags = text.split(',').map((tag) => tag.trim())
  return tags.length <= MAX_TAGS && tags.every((tag) => tag !== '') ? tags : undefined
}

/** All tags of a script, each once. @throws ScriptError */
export function allTags(scenarios: readonly ScenarioSpec[]): string[] {
  return [...new Set(scenarios.flatMap(tagsOf))]
}

/**
 * Chooses scenarios by their tags, as Locust chooses tasks: those with one of `tags`, and without any of `excludeTags`.
 *
 * @throws ScriptError for a tag that no scenario has, or if no scenario is left.
 */
export function chooseTagged(scenarios: readonly ScenarioSpec[], { tags, excludeTags }: TagChoice): ScenarioSpec[] {
  const known = allTags(scenarios)
  for (const [field, given] of Object.entries({ tags, excludeTags })) {
    const unknown = given?.find((tag) => !known.includes(tag))
    if (unknown !== undefined)
      throw ScriptError.at(field, `has ${show(unknown)}; the script's tags are ${known.join(', ') || 'none'}`)
  }
  const chosen = scenarios.filter((scenario, index) => {
    const own = tagsOf(scenario, index)
    return (
      (tags === undefined || own.some((tag) => tags.includes(tag))) && !own.some((tag) => excludeTags?.includes(tag))
    )
  })
  if (chosen.length === 0) throw ScriptError.at(tags === undefined ? 'excludeTags' : 'tags', 'leave no scenario to run')
  return chosen
}
