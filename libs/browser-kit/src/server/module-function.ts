import { type Export, type Import, parse, type StaticImport } from 'es-module-lexer'

/** A module as a function, and the modules that it imports. */
export interface ModuleFunction {
  /** An arrow function that receives the exports object; its second line is the first line of the module. */
  readonly code: string
  readonly imports: readonly string[]
}

/** The function that returns the exports of another module. */
export const USE = 'use'

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * Turns an ES module into a function with the same lines, so that one script can contain several modules. Imported
 * names are constants: import cycles whose modules use each other during evaluation, and exports that are reassigned,
 * do not work. The lexer must be ready (`init`).
 *
 * @param resolve - returns the path of an imported module
 * @throws TypeError for what it does not support: `import()`, `import.meta`, `export *` and default exports without a name
 */
export function moduleFunction(source: string, path: string, resolve: (specifier: string) => string): ModuleFunction {
  const [imports, exports] = parse(source, path)
  const reexports = new Set(exports.flatMap((one) => (one.type === 'reexport' ? [one.importIndex] : [])))
  const paths = new Set<string>()
  const take = (specifier: string): string => {
    const target = resolve(specifier)
    paths.add(target)
    return JSON.stringify(target)
  }
  const edits = imports.flatMap((one, index): Edit[] => {
    if (one.type !== 'static') throw new TypeError(`${path} has an import that can't be joined: ${one.type}`)
    if (source.startsWith('export', one.importStart) && reexports.has(index)) return []
    return [{ start: one.importStart, end: one.importEnd, text: importText(source, one, take(one.specifier)) }]
  })
  const getters = exports.map(
    (one) => `${one.type === 'reexport-all' ? '*' : one.name}: { get: () => ${exported(one, path, take)} }`,
  )
  for (const start of new Set(exports.map(({ exportStart }) => exportStart)))
    edits.push(exportEdit(source, start, imports))
  return {
    // In parentheses, browsers compile the function eagerly, once instead of twice.
    code: `((exports) => { Object.defineProperties(exports, { ${getters.join(', ')} })\n${edited(source, edits)}\n})`,
    imports: [...paths],
  }
}

/** `import a, { b, c as d } from 'e'` as `const { default: a, b, c: d } = use("e")`. */
function importText(source: string, { importStart, start }: StaticImport, target: string): string {
  const clause = source
    .slice(importStart, start - 1)
    .replace(/^import\s*/, '')
    .replace(/\s*from\s*$/, '')
  const lines = '\n'.repeat(clause.split('\n').length - 1)
  const names = /\{([^}]*)\}/.exec(clause)?.[1] ?? ''
  const own = clause
    .replace(/\{[^}]*\}/, '')
    .replaceAll(',', '')
    .trim()
  const bound = names.split(',').flatMap((name) => {
    const [from, to] = name.trim().split(/\s+as\s+/)
    return from ? [to === undefined ? from : `${from}: ${to}`] : []
  })
  if (own.startsWith('*')) return `const ${own.replace(/^\*\s*as\s+/, '')} = ${USE}(${target})${lines}`
  if (own !== '') bound.push(`default: ${own}`)
  return `${bound.length === 0 ? '' : `const { ${bound.join(', ')} } = `}${USE}(${target})${lines}`
}

function exported(one: Export, path: string, take: (specifier: string) => string): string {
  if (one.type === 'reexport' && one.importName !== null) return `${USE}(${take(one.from)}).${one.importName}`
  if (one.type === 'direct' && one.localName !== undefined) return one.localName
  throw new TypeError(`${path} has an export that can't be joined: ${one.type}`)
}

/** Removes `export` before a declaration, or the whole list of exported names. */
function exportEdit(source: string, start: number, imports: readonly Import[]): Edit {
  const list = /^export\s*\{[^}]*\}/.exec(source.slice(start))
  if (list === null) return { start, end: start + 'export'.length, text: '' }
  const from = imports.find(({ importStart }) => importStart === start)
  const end = from?.importEnd ?? start + list[0].length
  return { start, end, text: '\n'.repeat(source.slice(start, end).split('\n').length - 1) }
}

function edited(source: string, edits: readonly Edit[]): string {
  const parts: string[] = []
  let at = 0
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start)) {
    parts.push(source.slice(at, start), text)
    at = end
  }
  return [...parts, source.slice(at)].join('')
}
