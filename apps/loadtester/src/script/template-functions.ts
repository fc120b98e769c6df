import { createHash } from 'node:crypto'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** Functions that templates of a script may call. */
export interface TemplateFunctions {
  readonly [name: string]: (...given: readonly unknown[]) => unknown
  /** A whole number between two, both included. */
  readonly $randomNumber: (minimum?: unknown, maximum?: unknown) => number
  readonly $randomString: (length?: unknown) => string
}

/**
 * Artillery's functions for templates.
 *
 * @param seed makes the n-th value the same for all who give the same seed; default: values are random.
 */
export function templateFunctions(seed?: string): TemplateFunctions {
  const random = seed === undefined ? Math.random : createRandom(seed)
  const $randomNumber = (minimum: unknown = 0, maximum: unknown = 1): number => {
    const [low = 0, high = 0] = [Number(minimum), Number(maximum)].sort((a, b) => a - b)
    return Math.floor(low + random() * (high - low + 1))
  }
  const $randomString = (length: unknown = 10): string => {
    let text = ''
    while (text.length < Number(length)) text += ALPHABET.charAt(Math.floor(random() * ALPHABET.length))
    return text
  }
  return { $randomNumber, $randomString }
}

/** Numbers in [0, 1) from a chain of hashes. */
function createRandom(seed: string): () => number {
  let state = Buffer.from(seed)
  return () => {
    state = createHash('sha256').update(state).digest()
    return state.readUInt32BE(0) / 2 ** 32
  }
}
