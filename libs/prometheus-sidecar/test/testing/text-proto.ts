/** A message in protobuf's text format: the values of each field, which are numbers, names, strings or messages. */
export type TextMessage = ReadonlyMap<string, readonly TextValue[]>
export type TextValue = string | number | TextMessage

const TOKEN = /\s*(?:(?<text>"(?:[^"\\]|\\.)*")|(?<mark>[{}:])|(?<word>[^\s{}:"]+))/y

/** Reads the fields of a message in protobuf's text format, as far as the golden cases need it. */
export function parseTextProto(source: string): TextMessage {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(source); match !== null; match = TOKEN.exec(source)) tokens.push(match[0].trim())
  let at = 0
  const message = (): TextMessage => {
    const fields = new Map<string, TextValue[]>()
    while (at < tokens.length && tokens[at] !== '}') {
      const name = tokens[at++] ?? ''
      if (tokens[at] === ':') at += 1
      let value: TextValue
      if (tokens[at] === '{') {
        at += 1
        value = message()
        at += 1
      } else value = scalar(tokens[at++] ?? '')
      fields.set(name, [...(fields.get(name) ?? []), value])
    }
    return fields
  }
  return message()
}

function scalar(token: string): string | number {
  if (token.startsWith('"')) return JSON.parse(token) as string
  if (token === 'inf') return Number.POSITIVE_INFINITY
  const number = Number(token)
  return Number.isNaN(number) ? token : number
}

export function messagesOf(message: TextMessage, field: string): TextMessage[] {
  return (message.get(field) ?? []).filter((value) => value instanceof Map)
}

export function numbersOf(message: TextMessage, field: string): number[] {
  return (message.get(field) ?? []).filter((value) => typeof value === 'number')
}

export function textOf(message: TextMessage, field: string): string {
  const [value = ''] = message.get(field) ?? []
  return String(value)
}
