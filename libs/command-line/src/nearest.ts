import leven from 'leven'

const MAX_WORD_LENGTH = 64

/** The candidate that `word` was most likely meant to be; undefined if none is close. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_WORD_LENGTH) return undefined
  let best: { readonly candidate: string; readonly distance: number } | undefined
  for (const candidate of candidates) {
    // A typo leaves most letters as they were; a word that is the beginning of a longer one was cut short.
    const isBeginning = word.length >= 3 && candidate.startsWith(word)
    const distance = isBeginning ? 1 : typosBetween(word.toLowerCase(), candidate.toLowerCase())
    const allowed = Math.max(1, Math.floor(Math.max(word.length, candidate.length) * 0.4))
    if (distance <= allowed && (best === undefined || distance < best.distance)) best = { candidate, distance }
  }
  return best?.candidate
}

/** Letters that are missing, wrong or one too many; two neighbours that changed places count as one. */
function typosBetween(word: string, candidate: string): number {
  let fewest = leven(word, candidate)
  for (let index = 0; index < word.length - 1; index++) {
    const swapped = word.slice(0, index) + word.charAt(index + 1) + word.charAt(index) + word.slice(index + 2)
    fewest = Math.min(fewest, 1 + leven(swapped, candidate))
  }
  return fewest
}
