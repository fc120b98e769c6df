import { stripTypeScriptTypes } from 'node:module'
import { extname } from 'node:path'
import { type AnyNode, type ImportDeclaration, type Program, parse } from 'acorn'
import { packageTypeOf } from './module-path.ts'

/** A module as Node can run it. */
export interface RunnableModule {
  readonly format: 'module' | 'commonjs'
  readonly source: string
}

/** What CommonJS gives a module, and how an ES module that was written for a bundler gets it. */
const COMMONJS_NAMES: Readonly<Record<string, string>> = {
  require: "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);",
  __dirname: 'const __dirname = import.meta.dirname;',
  __filename: 'const __filename = import.meta.filename;',
}

/**
 * Makes a script's module runnable as it is written for Artillery, which compiles TypeScript with esbuild: enums and
 * namespaces are allowed, imports that are used as types only are left out, and whether a file is an ES module follows from
 * its syntax, not from its package.
 *
 * @throws SyntaxError
 */
export function toRunnable(path: string, text: string): RunnableModule {
  const extension = extname(path)
  const isTypeScript = /^\.[cm]?ts$/.test(extension)
  const code = isTypeScript ? withoutTypes(text) : text
  const program = parseModule(code)
  if (program === undefined || extension === '.cjs') return { format: 'commonjs', source: code }
  const names = namesIn(program)
  // Node takes the type of a package for certain, so CommonJS becomes an ES module there.
  if (!hasModuleSyntax(program) && !extension.startsWith('.m') && packageTypeOf(path) !== 'module')
    return { format: 'commonjs', source: code }
  const source = isTypeScript ? withoutUnusedImports(code, program, names.used) : code
  return { format: 'module', source: withCommonJs(source, program, names) }
}

/** JavaScript of TypeScript; every position stays where no construct has to be translated. */
export function withoutTypes(text: string): string {
  return silently(() => {
    try {
      return stripTypeScriptTypes(text, { mode: 'strip' })
    } catch {
      return stripTypeScriptTypes(text, { mode: 'transform' })
    }
  })
}

/** `stripTypeScriptTypes` warns that it is experimental, though Node itself uses it to run `.ts` files. */
function silently<T>(run: () => T): T {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return run()
  } finally {
    process.emitWarning = emitWarning
  }
}

/** Undefined for what is valid in CommonJS only; what is valid nowhere is reported by Node. */
function parseModule(code: string): Program | undefined {
  try {
    return parse(code, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true })
  } catch {
    return undefined
  }
}

function hasModuleSyntax(program: Program): boolean {
  if (program.body.some(({ type }) => type.startsWith('Import') || type.startsWith('Export'))) return true
  let found = false
  visit(program, (node) => {
    found ||= node.type === 'MetaProperty' && node.meta.name === 'import'
  })
  return found
}

interface Names {
  /** Names that the code reads or writes anywhere but in imports. */
  readonly used: ReadonlySet<string>
  readonly declared: ReadonlySet<string>
}

function namesIn(program: Program): Names {
  const used = new Set<string>()
  const declared = new Set<string>()
  visit(program, (node, parent) => {
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier') declared.add(node.id.name)
    if (parent?.type.startsWith('Import') === true && node.type === 'Identifier') declared.add(node.name)
    else if (node.type === 'Identifier' && !isKey(node, parent)) used.add(node.name)
  })
  return { used, declared }
}

/** Whether an identifier is the name of a property, not of a variable. */
function isKey(node: AnyNode, parent: AnyNode | undefined): boolean {
  if (parent?.type === 'MemberExpression') return parent.property === node && !parent.computed
  if (parent?.type === 'Property') return parent.key === node && !parent.computed && !parent.shorthand
  return parent?.type === 'MethodDefinition' || parent?.type === 'PropertyDefinition'
    ? parent.key === node && !parent.computed
    : false
}

/** TypeScript leaves out imports that are used as types only. */
function withoutUnusedImports(code: string, program: Program, used: ReadonlySet<string>): string {
  let result = code
  const imports = program.body.filter((node): node is ImportDeclaration => node.type === 'ImportDeclaration')
  for (const node of imports.reverse()) {
    const kept = node.specifiers.filter(({ local }) => used.has(local.name))
    if (kept.length === node.specifiers.length) continue
    const text = code.slice(node.start, node.end)
    const replacement = kept.length === 0 ? '' : importOf(code, node, kept)
    // Line breaks stay, so that stack traces name the right lines.
    const breaks = '\n'.repeat(text.split('\n').length - replacement.split('\n').length)
    result = result.slice(0, node.start) + replacement + breaks + result.slice(node.end)
  }
  return result
}

function importOf(code: string, node: ImportDeclaration, kept: ImportDeclaration['specifiers']): string {
  const text = (specifier: (typeof kept)[number]): string => code.slice(specifier.start, specifier.end)
  const named = kept.filter(({ type }) => type === 'ImportSpecifier').map(text)
  const others = kept.filter(({ type }) => type !== 'ImportSpecifier').map(text)
  const clause = [...others, ...(named.length === 0 ? [] : [`{ ${named.join(', ')} }`])].join(', ')
  return `import ${clause} from ${code.slice(node.source.start, node.end)}`
}

/** Adds what the code expects of CommonJS, on the line on which it begins. */
function withCommonJs(code: string, program: Program, { used, declared }: Names): string {
  const isFree = (name: string): boolean => used.has(name) && !declared.has(name)
  const lines = Object.entries(COMMONJS_NAMES).flatMap(([name, line]) => (isFree(name) ? [line] : []))
  const exportsNothing = !program.body.some(({ type }) => type.startsWith('Export'))
  if (!exportsNothing || !(isFree('module') || isFree('exports'))) return lines.join('') + code
  lines.push('const module = { exports: {} }; const exports = module.exports;')
  return `${lines.join('')}${code}\nconst $exported = module.exports\nexport { $exported as default, $exported as 'module.exports' }`
}

function visit(node: AnyNode, see: (node: AnyNode, parent: AnyNode | undefined) => void, parent?: AnyNode): void {
  see(node, parent)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, see, node)
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}
