const PREFIX = 'Response does not match the HTTP/1.1 protocol ('

const STRICT = 'HPE_STRICT'
const VERSION = 'HPE_INVALID_VERSION'
const STATUS = 'HPE_INVALID_STATUS'
const HEADER = 'HPE_INVALID_HEADER_TOKEN'
const LENGTH = 'HPE_INVALID_CONTENT_LENGTH'
const ENCODING = 'HPE_INVALID_TRANSFER_ENCODING'
const CHUNK_SIZE = 'HPE_INVALID_CHUNK_SIZE'
const CR = 'HPE_CR_EXPECTED'

/** The code that Node 24's own parser has for each reason of llhttp: undici reports the reason alone. */
const CODES: Readonly<Record<string, string>> = {
  'Expected HTTP/, RTSP/ or ICE/': 'HPE_INVALID_CONSTANT',
  'Invalid word encountered': 'HPE_INVALID_CONSTANT',
  'Invalid HTTP version': VERSION,
  'Invalid major version': VERSION,
  'Invalid minor version': VERSION,
  'Expected dot': VERSION,
  'Expected space after version': VERSION,
  'Invalid status code': STATUS,
  'Invalid response status': STATUS,
  'Unexpected space after start line': 'HPE_UNEXPECTED_SPACE',
  'Missing expected CR after response line': CR,
  'Expected LF after CR': STRICT,
  'Invalid header token': HEADER,
  'Invalid header field char': HEADER,
  'Invalid header value char': HEADER,
  'Unexpected whitespace after header value': HEADER,
  'Missing expected CR after header value': CR,
  'Missing expected LF after header value': 'HPE_LF_EXPECTED',
  'Expected LF after headers': STRICT,
  'Empty Content-Length': LENGTH,
  'Invalid character in Content-Length': LENGTH,
  'Content-Length overflow': LENGTH,
  "Content-Length can't be present with Transfer-Encoding": LENGTH,
  'Duplicate Content-Length': 'HPE_UNEXPECTED_CONTENT_LENGTH',
  'Empty Transfer-Encoding': ENCODING,
  'Invalid `Transfer-Encoding` header value': ENCODING,
  "Transfer-Encoding can't be present with Content-Length": ENCODING,
  'Invalid character in chunk size': CHUNK_SIZE,
  'Chunk size overflow': CHUNK_SIZE,
  'Missing expected CR after chunk size': CR,
  'Expected LF after chunk size': STRICT,
  'Missing expected CR after chunk data': CR,
  'Expected LF after chunk data': STRICT,
  'Invalid character in chunk extensions': STRICT,
  'Invalid character in chunk extensions name': STRICT,
  'Invalid character in chunk extensions value': STRICT,
  'Invalid character in chunk extensions quote value': STRICT,
  'Invalid character in chunk extensions quoted value': STRICT,
  'Invalid quoted-pair in chunk extensions quoted value': STRICT,
  'Missing expected CR after chunk extension name': CR,
  'Missing expected CR after chunk extension value': CR,
  'Data after `Connection: close`': 'HPE_CLOSED_CONNECTION',
  'Invalid EOF state': 'HPE_INVALID_EOF_STATE',
}

/** The `HPE_*` code of an error of undici's HTTP parser; undefined for other messages. */
export function parserCode(message: string): string | undefined {
  if (!message.startsWith(PREFIX)) return undefined
  return CODES[message.slice(PREFIX.length, -1)] ?? 'HPE_INTERNAL'
}
