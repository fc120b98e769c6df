import { createHash } from 'node:crypto'
import { RE2JS } from 're2js'
import { isJsonObject } from '../model/json-object.ts'
import type { Labels } from '../model/labels/labels.ts'

/** One rule of Prometheus' `relabel_config`. It changes the labels, and returns false if it drops the series. */
export type RelabelRule = (labels: Map<string, string>) => boolean

/** Applies rules to a series as Prometheus does. Returns its new labels; undefined if it is dropped. */
export function relabel(labels: Labels, rules: readonly RelabelRule[]): Labels | undefined {
  const changed = new Map(labels)
  return rules.every((rule) => rule(changed)) ? changed : undefined
}

/**
 * Reads a list of rules from Prometheus' configuration, which Prometheus has validated. Undefined if it contains
 * something that is not known here, such as an action of a later version.
 */
export function readRelabelRules(value: unknown): readonly RelabelRule[] | undefined {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) return undefined
  const rules = value.map(readRule)
  return rules.every((rule) => rule !== undefined) ? rules : undefined
}

/** The fields of a rule, with Prometheus' defaults. */
interface Fields {
  readonly source: (labels: Labels) => string
  readonly regex: RE2JS
  readonly target: string
  readonly replacement: string
  readonly modulus: bigint
}

const ACTIONS: Readonly<Record<string, (fields: Fields) => RelabelRule>> = {
  replace: (fields) => (labels) => {
    replace(labels, fields)
    return true
  },
  keep:
    ({ source, regex }) =>
    (labels) =>
      regex.matches(source(labels)),
  drop:
    ({ source, regex }) =>
    (labels) =>
      !regex.matches(source(labels)),
  keepequal:
    ({ source, target }) =>
    (labels) =>
      (labels.get(target) ?? '') === source(labels),
  dropequal:
    ({ source, target }) =>
    (labels) =>
      (labels.get(target) ?? '') !== source(labels),
  lowercase:
    ({ source, target }) =>
    (labels) =>
      set(labels, target, source(labels).toLowerCase()),
  uppercase:
    ({ source, target }) =>
    (labels) =>
      set(labels, target, source(labels).toUpperCase()),
  hashmod:
    ({ source, target, modulus }) =>
    (labels) =>
      set(labels, target, String(createHash('md5').update(source(labels)).digest().readBigUInt64BE(8) % modulus)),
  labelmap:
    ({ regex, replacement }) =>
    (labels) => {
      for (const [name, value] of [...labels]) {
        const groups = groupsOf(regex, name)
        if (groups !== undefined) set(labels, expand(replacement, groups), value)
      }
      return true
    },
  labeldrop:
    ({ regex }) =>
    (labels) => {
      for (const name of [...labels.keys()]) if (regex.matches(name)) labels.delete(name)
      return true
    },
  labelkeep:
    ({ regex }) =>
    (labels) => {
      for (const name of [...labels.keys()]) if (!regex.matches(name)) labels.delete(name)
      return true
    },
}

function readRule(rule: unknown): RelabelRule | undefined {
  if (!isJsonObject(rule)) return undefined
  const text = (name: string, otherwise: string): string => {
    const value = rule[name]
    return typeof value === 'string' ? value : otherwise
  }
  const names = Array.isArray(rule.source_labels) ? rule.source_labels.map(String) : []
  const separator = text('separator', ';')
  const action = text('action', 'replace').toLowerCase()
  const modulus = text('modulus', '0')
  if (action === 'hashmod' && !/^[1-9]\d*$/.test(modulus)) return undefined
  const regex = compile(text('regex', '(.*)'))
  if (regex === undefined || !Object.hasOwn(ACTIONS, action)) return undefined
  return ACTIONS[action]?.({
    source: (labels) => names.map((name) => labels.get(name) ?? '').join(separator),
    regex,
    target: text('target_label', ''),
    replacement: text('replacement', '$1'),
    modulus: BigInt(/^\d+$/.test(modulus) ? modulus : 0),
  })
}

function compile(regex: string): RE2JS | undefined {
  try {
    return RE2JS.compile(regex, RE2JS.DOTALL)
  } catch {
    return undefined
  }
}

function replace(labels: Map<string, string>, { source, regex, target, replacement }: Fields): void {
  const groups = groupsOf(regex, source(labels))
  if (groups === undefined) return
  const name = expand(target, groups)
  if (name !== '') set(labels, name, expand(replacement, groups))
}

/** An empty value removes a label. */
function set(labels: Map<string, string>, name: string, value: string): true {
  if (value === '') labels.delete(name)
  else labels.set(name, value)
  return true
}

type Groups = (name: string) => string

/**
 * What the groups of an expression match in a text, by their number or name; undefined if it does not match the whole
 * text.
 */
function groupsOf(regex: RE2JS, text: string): Groups | undefined {
  const matcher = regex.matcher(text)
  if (!matcher.matches()) return undefined
  const named = regex.namedGroups()
  return (name) => {
    const index = /^\d+$/.test(name) ? Number(name) : named[name]
    return index === undefined || index > matcher.groupCount() ? '' : (matcher.group(index) ?? '')
  }
}

/** Replaces `$1`, `${1}`, `$name` and `${name}`, as Go's `Regexp.Expand`. */
function expand(template: string, groups: Groups): string {
  return template.replaceAll(/\$(?:(\$)|(\w+)|\{(\w+)\})/g, (_, dollar?: string, plain?: string, braced?: string) =>
    dollar === undefined ? groups(plain ?? braced ?? '') : dollar,
  )
}
