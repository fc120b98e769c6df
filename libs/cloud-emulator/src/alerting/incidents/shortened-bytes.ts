/** The string, truncated after the last complete character within a number of UTF-8 bytes. */
export function shortenedBytes(text: string, bytes: number): string {
  const encoded = Buffer.from(text)
  if (encoded.length <= bytes) return text
  let end = bytes
  // Bytes whose top bits are 10 continue a character.
  while (end > 0 && ((encoded[end] ?? 0) & 0xc0) === 0x80) end--
  return encoded.subarray(0, end).toString()
}
