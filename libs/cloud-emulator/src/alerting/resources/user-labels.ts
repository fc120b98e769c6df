import { invalidField } from '../../api/rpc-error.ts'

const MAX_ENTRIES = 64
const MAX_CHARACTERS = 63
const MAX_BYTES = 128
const KEY = /^\p{Ll}[\p{Ll}\p{Lo}\p{N}_-]*$/u
const VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]*$/u

/** Throws INVALID_ARGUMENT for labels that are invalid in Cloud Monitoring's resources. */
export function checkUserLabels(labels: Readonly<Record<string, string>> | undefined, field: string): void {
  const entries = Object.entries(labels ?? {})
  if (entries.length > MAX_ENTRIES)
    throw invalidField(field, undefined, `It has ${entries.length} entries; at most ${MAX_ENTRIES} are allowed.`)
  for (const [key, value] of entries) {
    checkText(key, `${field} key`)
    checkText(value, `${field}["${key}"]`)
    if (!KEY.test(key))
      throw invalidField(
        `${field} key`,
        key,
        'It must begin with a lowercase letter; then lowercase letters, numerals, "_" and "-" are allowed.',
      )
    if (!VALUE.test(value))
      throw invalidField(`${field}["${key}"]`, value, 'Lowercase letters, numerals, "_" and "-" are allowed.')
  }
}

function checkText(text: string, field: string): void {
  if ([...text].length <= MAX_CHARACTERS && Buffer.byteLength(text) <= MAX_BYTES) return
  throw invalidField(field, text, `At most ${MAX_CHARACTERS} characters and ${MAX_BYTES} bytes are allowed.`)
}
