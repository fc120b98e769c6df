import { type Manifest, nameOf, type Problem } from '../manifest.ts'

/** A check of all objects that are applied together. Pure: objects in, problems out. */
export type Rule = (manifests: readonly Manifest[]) => Problem[]

/** A problem of one object. */
export function problem(manifest: Manifest, message: string): Problem {
  return { object: nameOf(manifest), message }
}

/** Whether a selector picks these labels; an empty selector picks none, which in a manifest is a mistake. */
export function selects(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  const pairs = Object.entries(selector ?? {})
  return pairs.length > 0 && pairs.every(([key, value]) => labels[key] === value)
}
