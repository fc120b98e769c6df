/** What a message repeats of a request: enough to find it there, so that an answer is never as long as what it refuses. */
const SHOWN_CHARACTERS = 200

/** The text, or its beginning and `…` where it is too long to be shown. */
export function shortened(text: string, characters = SHOWN_CHARACTERS): string {
  return text.length <= characters ? text : `${text.slice(0, characters)}…`
}
