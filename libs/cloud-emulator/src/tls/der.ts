/** The parts of ASN.1's Distinguished Encoding Rules (X.690) that a certificate needs. */

export function tagged(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content])
}

export function sequence(...items: readonly Uint8Array[]): Buffer {
  return tagged(0x30, ...items)
}

export function set(...items: readonly Uint8Array[]): Buffer {
  return tagged(0x31, ...items)
}

/** A non-negative integer from its bytes in big-endian order. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const digits = first < 0 ? Uint8Array.of(0) : bytes.subarray(first)
  return (digits[0] ?? 0) >= 0x80 ? tagged(0x02, Uint8Array.of(0), digits) : tagged(0x02, digits)
}

export function boolean(value: boolean): Buffer {
  return tagged(0x01, Uint8Array.of(value ? 0xff : 0))
}

export function octetString(content: Uint8Array): Buffer {
  return tagged(0x04, content)
}

/** `unusedBits` are at the end of the last byte. */
export function bitString(content: Uint8Array, unusedBits = 0): Buffer {
  return tagged(0x03, Uint8Array.of(unusedBits), content)
}

export function utf8String(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text))
}

/** Such as `2.5.4.3`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]))
}

/** UTCTime until 2049, as X.509 requires, then GeneralizedTime; whole seconds. */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\.\d+|[-:T]/g, '')
  return date.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits))
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return Buffer.from([0x80 | bytes.length, ...bytes])
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80)
  return bytes
}
