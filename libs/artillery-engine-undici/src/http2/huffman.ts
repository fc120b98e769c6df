/**
 * Code lengths of the Huffman code of HPACK (RFC 7541, appendix B) by symbol, as digits of base 36; the last one is the
 * end of the string. The code is canonical: codes of one length ascend with their symbols, and so follow from the
 * lengths.
 */
const CODE_LENGTHS = [
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca',
  'd67777777777777777777777878djde6f56565666577666567655677777fbeds',
  'kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn',
  'qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq',
  'u',
].join('')
const END = 256
/** The longest padding: the most significant bits of {@link END}, all of them ones. */
const MAX_PADDING = 7

/** A binary tree: at `2 * node + bit` is the next node, or `-1 - symbol`. */
const TREE = createTree()

/** @throws RangeError for bytes that no string is encoded as. */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  let node = 0
  let bitsSinceSymbol = 0
  let onlyOnes = true
  for (let index = start; index < end; index++) {
    const byte = bytes[index] ?? 0
    for (let shift = 7; shift >= 0; shift--) {
      const bit = (byte >> shift) & 1
      const next = TREE[2 * node + bit] ?? 0
      bitsSinceSymbol++
      if (bit === 0) onlyOnes = false
      if (next >= 0) {
        node = next
        continue
      }
      const symbol = -1 - next
      if (symbol === END) throw new RangeError('Huffman-coded string contains the EOS symbol')
      text += String.fromCharCode(symbol)
      node = 0
      bitsSinceSymbol = 0
      onlyOnes = true
    }
  }
  if (bitsSinceSymbol > MAX_PADDING || !onlyOnes) throw new RangeError('invalid padding of a Huffman-coded string')
  return text
}

function createTree(): Int16Array {
  const tree = new Int16Array(2 * 257)
  let nodes = 1
  let code = 0
  let previousLength = 0
  const symbols = [...CODE_LENGTHS].map((digit, symbol) => ({ symbol, length: Number.parseInt(digit, 36) }))
  for (const { symbol, length } of symbols.sort((a, b) => a.length - b.length || a.symbol - b.symbol)) {
    code *= 2 ** (length - previousLength)
    previousLength = length
    let node = 0
    for (let shift = length - 1; shift > 0; shift--) {
      const place = 2 * node + ((code >> shift) & 1)
      if (tree[place] === 0) tree[place] = nodes++
      node = tree[place] ?? 0
    }
    tree[2 * node + (code & 1)] = -1 - symbol
    code++
  }
  return tree
}
