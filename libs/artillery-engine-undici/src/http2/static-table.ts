/** HPACK's static table (RFC 7541, appendix A), from index 1 on: names, and values where there are some. */
const ENTRIES = `:authority|
:method|GET
:method|POST
:path|/
:path|/index.html
:scheme|http
:scheme|https
:status|200
:status|204
:status|206
:status|304
:status|400
:status|404
:status|500
accept-charset|
accept-encoding|gzip, deflate
accept-language|
accept-ranges|
accept|
access-control-allow-origin|
age|
allow|
authorization|
cache-control|
content-disposition|
content-encoding|
content-language|
content-length|
content-location|
content-range|
content-type|
cookie|
date|
etag|
expect|
expires|
from|
host|
if-match|
if-modified-since|
if-none-match|
if-range|
if-unmodified-since|
last-modified|
link|
location|
max-forwards|
proxy-authenticate|
proxy-authorization|
range|
referer|
refresh|
retry-after|
server|
set-cookie|
strict-transport-security|
transfer-encoding|
user-agent|
vary|
via|
www-authenticate|`

/** A header field. */
export interface Field {
  readonly name: string
  readonly value: string
}

/** Index 1 is the first item. */
export const STATIC_TABLE: readonly Field[] = ENTRIES.split('\n').map((line) => {
  const [name = '', value = ''] = line.split('|')
  return { name, value }
})

/** The lowest index of each name. */
export const STATIC_NAMES: ReadonlyMap<string, number> = new Map(
  STATIC_TABLE.map(({ name }, index): [string, number] => [name, index + 1]).reverse(),
)

/** Indices of whole fields, by `name: value`. */
export const STATIC_FIELDS: ReadonlyMap<string, number> = new Map(
  STATIC_TABLE.map(({ name, value }, index): [string, number] => [`${name}: ${value}`, index + 1]),
)
