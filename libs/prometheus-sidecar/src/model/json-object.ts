/** An object from JSON or YAML whose fields are unchecked. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Whether a value is an object, and not an array or null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
