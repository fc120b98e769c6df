/** Enough characters of a request's value to recognize it, so that no response is as long as the rejected request. */
const SHOWN_CHARACTERS = 200

/** The string, or its beginning and `…` if it is longer than `characters`. */
export function shortened(text: string, characters = SHOWN_CHARACTERS): string {
  return text.length <= characters ? text : `${text.slice(0, characters)}…`
}
