import { RE2JS } from 're2js'
import { parseJsonPath, valueAtPath } from './json-path.ts'
import { type ContentMatcherMessage, JSON_MATCHERS, MATCHERS } from './uptime-check.ts'

/** Whether the content of a response matches a check. Without a matcher, or with an empty one, any content does. */
export function contentMatches(text: string, matcher: ContentMatcherMessage | undefined): boolean {
  if (!matcher || matcher.content === '') return true
  const kind = MATCHERS[matcher.matcher] ?? 'CONTAINS_STRING'
  const found = kind.endsWith('JSON_PATH')
    ? jsonMatches(text, matcher)
    : kind.endsWith('REGEX')
      ? RE2JS.compile(matcher.content).matcher(text).find()
      : text.includes(matcher.content)
  return found !== kind.startsWith('NOT_')
}

function jsonMatches(text: string, { content, jsonPathMatcher }: ContentMatcherMessage): boolean {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return false
  }
  const value = valueAtPath(json, parseJsonPath(jsonPathMatcher?.jsonPath ?? '') ?? [])
  if (value === undefined) return false
  const found = typeof value === 'string' ? value : JSON.stringify(value)
  if (jsonPathMatcher?.jsonMatcher === JSON_MATCHERS.REGEX_MATCH) return RE2JS.compile(content).matcher(found).find()
  return found === content || JSON.stringify(value) === content
}
