import { type Manifest, nameOf, type Problem } from '../manifest.ts'

/** Checks all objects that are applied together. Pure. */
export type Rule = (manifests: readonly Manifest[]) => Problem[]

/** Creates a problem of an object. */
export function problem(manifest: Manifest, message: string): Problem {
  return { object: nameOf(manifest), message }
}

/** Whether a selector matches these labels. An empty selector, a mistake in these manifests, matches nothing. */
export function selects(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  const pairs = Object.entries(selector ?? {})
  return pairs.length > 0 && pairs.every(([key, value]) => labels[key] === value)
}
