/** A parameter of a request. */
export type FormValue = readonly [name: string, value: string]

/** Go's error message for a form; undefined if it is valid. */
export function formProblem(text: string): string | undefined {
  for (const pair of text.split('&')) {
    if (pair.includes(';')) return 'invalid semicolon separator in query'
    const wrong = /%(?![\da-f]{2})[^=]{0,2}/i.exec(pair)?.[0]
    if (wrong !== undefined) return `invalid URL escape ${JSON.stringify(wrong)}`
  }
  return undefined
}

/** Parses the query of a URL, or a form, as Go and thus Prometheus does: invalid parts are skipped. */
export function formValues(text: string): FormValue[] {
  return text.split('&').flatMap((pair) => {
    if (pair === '' || pair.includes(';') || /%(?![\da-f]{2})/i.test(pair)) return []
    const at = pair.indexOf('=')
    const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
    return [[unescaped(name), unescaped(value)] as const]
  })
}

/** Bytes that are not UTF-8 become U+FFFD. */
function unescaped(text: string): string {
  if (!/[%+]/.test(text)) return text
  const bytes = Buffer.from(text.replaceAll('+', ' '))
  const out = Buffer.alloc(bytes.length)
  let length = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    if (byte !== 0x25) out[length++] = byte
    else {
      out[length++] = Number.parseInt(bytes.toString('latin1', i + 1, i + 3), 16)
      i += 2
    }
  }
  return out.toString('utf8', 0, length)
}
