import leven from 'leven'

/** The candidate that `word` was most likely meant to be; undefined where none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: { readonly candidate: string; readonly distance: number } | undefined
  for (const candidate of candidates) {
    // A typo leaves most letters as they were; a word that is the beginning of a longer one was cut short.
    const isBeginning = word.length >= 3 && candidate.startsWith(word)
    const distance = isBeginning ? 1 : leven(word.toLowerCase(), candidate.toLowerCase())
    const allowed = Math.max(1, Math.floor(Math.max(word.length, candidate.length) * 0.4))
    if (distance <= allowed && (best === undefined || distance < best.distance)) best = { candidate, distance }
  }
  return best?.candidate
}
