import { isJsonObject } from '../model/json-object.ts'

/** Reads labels in the form of Prometheus' API, a map of names to values; undefined for anything else. */
export function readLabels(value: unknown): Map<string, string> | undefined {
  if (!isJsonObject(value)) return undefined
  return new Map(Object.entries(value).map(([name, text]) => [name, String(text ?? '')]))
}
