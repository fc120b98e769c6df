import { isValidUnicode, quote, unquote } from '../text/quote.ts'
import {
  type Aggregation,
  type AggregationOperator,
  type Binary,
  type BinaryOperator,
  type Call,
  type Cardinality,
  childrenOf,
  type Expression,
  type VectorMatching,
  type VectorSelector,
} from './ast.ts'
import { FUNCTIONS } from './functions.ts'
import type { LexerOptions } from './lexer.ts'
import { acceptNumber, acceptSignedNumber, withSign } from './number-literal.ts'
import { ParseError } from './parse-error.ts'
import { parsePostfix } from './postfix-parser.ts'
import { parseVectorSelector } from './selector-parser.ts'
import type { Token } from './token.ts'
import { TokenStream } from './token-stream.ts'

/** What the parser accepts. */
export interface ParserOptions extends LexerOptions {
  /** Whether functions and aggregations that are experimental in Prometheus may be used; default true. */
  readonly experimentalFunctions?: boolean
  /** Whether `fill`, `fill_left` and `fill_right` may be used; default true. */
  readonly fillModifiers?: boolean
  /** How deeply expressions may be nested; default 500. */
  readonly maxDepth?: number
  /** How many characters a query may have; default 250,000. */
  readonly maxLength?: number
}

const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['or', 1],
  ['and', 2],
  ['unless', 2],
  ...['==', '>=', '>', '<', '<=', '!=', '</', '>/'].map((operator) => [operator, 3] as const),
  ['+', 4],
  ['-', 4],
  ...['*', '/', '%', 'atan2'].map((operator) => [operator, 5] as const),
  ['^', 6],
])
const UNARY_PRECEDENCE = 5

/** Keywords that can also be the name of a metric. */
const NOT_METRICS: ReadonlySet<string> = new Set(['bool', 'ignoring', 'on', 'group_left', 'group_right', 'atan2'])
const WITH_PARAMETER: ReadonlySet<string> = new Set([
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
])
const GROUPING = 'grouping opts'

/** Parses the expression of a query without checking its types. Throws a `ParseError` with Prometheus' message. */
export function parseSyntax(query: string, options: ParserOptions): Expression {
  return new Parser(query, options).parse()
}

/** Parses a selector and nothing else, without checking its types; throws a `ParseError`. */
export function parseSelectorSyntax(text: string, options: ParserOptions): VectorSelector {
  return new Parser(text, options).parseSelector()
}

class Parser {
  readonly #tokens: TokenStream
  readonly #options: ParserOptions
  readonly #maxDepth: number

  constructor(query: string, options: ParserOptions) {
    const { maxDepth = 500, maxLength = 250_000 } = options
    if (query.length > maxLength) {
      throw new ParseError(query, { start: 0, end: 0 }, `query is longer than ${maxLength} characters`)
    }
    this.#tokens = new TokenStream(query, { ...options, maxDepth })
    this.#options = options
    this.#maxDepth = maxDepth
  }

  parse(): Expression {
    const first = this.#tokens.peek()
    if (first.type === 'end') throw this.#tokens.error({ start: 0, end: 0 }, 'no expression found in input')
    const expression = this.#expression(0)
    if (this.#tokens.peek().type !== 'end') this.#tokens.unexpected()
    if (isDeeper(expression, 2 * this.#maxDepth)) {
      const text = `more than ${2 * this.#maxDepth} operators in a row: put some of them in parentheses`
      throw this.#tokens.error(this.#tokens.peek(), text)
    }
    return expression
  }

  /** A series selector and nothing else, as Prometheus parses those of `match[]`. */
  parseSelector(): VectorSelector {
    const first = this.#tokens.peek()
    const isName = ['identifier', 'metricIdentifier', 'aggregator', 'keyword', 'operator', 'preprocessor'].includes(
      first.type,
    )
    const hasName = isName && /^[a-z_:]/i.test(first.text) && !NOT_METRICS.has(first.value)
    if (!hasName && !this.#tokens.at('{')) this.#tokens.unexpected()
    const selector = parseVectorSelector(this.#tokens, hasName ? this.#tokens.take() : undefined)
    if (this.#tokens.peek().type !== 'end') this.#tokens.unexpected()
    return selector
  }

  /** An expression whose operators all bind more tightly than `minimum`. */
  #expression(minimum: number): Expression {
    return this.#tokens.nested(() => this.#operands(minimum))
  }

  #operands(minimum: number): Expression {
    let left = this.#unary()
    for (;;) {
      const operator = this.#tokens.peek()
      const precedence = operator.type === 'operator' ? PRECEDENCE.get(operator.value) : undefined
      if (precedence === undefined || precedence <= minimum) break
      this.#tokens.take()
      left = this.#binary(left, operator, operator.value === '^' ? precedence - 1 : precedence)
    }
    return left
  }

  #unary(): Expression {
    const sign = this.#tokens.accept('+') ?? this.#tokens.accept('-')
    if (sign === undefined) return parsePostfix(this.#tokens, this.#primary())
    const expression = this.#expression(UNARY_PRECEDENCE)
    if (expression.kind === 'number') return withSign(sign, expression)
    return { kind: 'unary', operator: sign.value === '-' ? '-' : '+', expression, start: sign.start }
  }

  #primary(): Expression {
    const number = acceptNumber(this.#tokens)
    if (number !== undefined) return number
    const token = this.#tokens.peek()
    if (token.type === 'string') {
      this.#tokens.take()
      return { kind: 'string', value: unquote(token.text), range: { start: token.start, end: token.end } }
    }
    if (this.#tokens.at('(')) return this.#parentheses()
    if (this.#tokens.at('{')) return parseVectorSelector(this.#tokens, undefined)
    return this.#named(token)
  }

  #parentheses(): Expression {
    const { start } = this.#tokens.take()
    const expression = this.#expression(0)
    const { end } = this.#tokens.expect(')')
    return { kind: 'parentheses', expression, range: { start, end } }
  }

  #named(token: Token): Expression {
    if (token.type === 'metricIdentifier') return this.#selector(this.#tokens.take())
    const isWord = token.type === 'aggregator' || token.type === 'keyword' || token.type === 'operator'
    const isName = token.type === 'identifier' || token.type === 'preprocessor'
    if (!isName && (!isWord || NOT_METRICS.has(token.value) || !/^[a-z]/i.test(token.text))) {
      return this.#tokens.unexpected()
    }
    const name = this.#tokens.take()
    if (name.type === 'aggregator' && (this.#tokens.at('(') || this.#atGroupingKeyword()))
      return this.#aggregation(name)
    if (isName && this.#tokens.at('(')) return this.#call(name)
    return this.#selector(name)
  }

  #selector(name: Token): VectorSelector {
    return parseVectorSelector(this.#tokens, name)
  }

  #call(name: Token): Call {
    const { list, end } = this.#argumentList()
    const range = { start: name.start, end }
    const signature = FUNCTIONS.get(name.type === 'preprocessor' ? name.text : name.value)
    if (signature === undefined) throw this.#tokens.error(name, `unknown function with name ${quote(name.text)}`)
    if (signature.experimental && this.#options.experimentalFunctions === false) {
      throw this.#tokens.error(name, `function ${quote(name.text)} is not enabled`)
    }
    return { kind: 'call', function: signature, arguments: list, range }
  }

  #argumentList(): { list: Expression[]; end: number } {
    this.#tokens.expect('(')
    const list: Expression[] = []
    let close = this.#tokens.accept(')')
    while (close === undefined) {
      list.push(this.#expression(0))
      close = this.#tokens.accept(')')
      if (close !== undefined) break
      const comma = this.#tokens.expect(',')
      if (this.#tokens.at(')')) throw this.#tokens.error(comma, 'trailing commas not allowed in function call args')
    }
    return { list, end: close.end }
  }

  #atGroupingKeyword(): boolean {
    return this.#tokens.at('by') || this.#tokens.at('without')
  }

  #aggregation(name: Token): Aggregation {
    let grouping: readonly string[] = []
    let without = false
    const modifier = () => {
      without = this.#tokens.take().value === 'without'
      grouping = this.#groupingLabels()
    }
    const { list, end } = this.#tokens.within('aggregation', '', () => {
      if (this.#atGroupingKeyword()) modifier()
      else return this.#argumentList()
      return this.#argumentList()
    })
    if (grouping.length === 0 && !without && this.#atGroupingKeyword()) modifier()
    return this.#checkedAggregation(name, list, { grouping, without, range: { start: name.start, end } })
  }

  #checkedAggregation(
    name: Token,
    list: readonly Expression[],
    rest: Pick<Aggregation, 'grouping' | 'without' | 'range'>,
  ): Aggregation {
    const fail = (reason: string) => this.#tokens.error(rest.range, reason)
    if (list.length === 0) throw fail('no arguments for aggregate expression provided')
    const operator = name.value
    const wanted = WITH_PARAMETER.has(operator) ? 2 : 1
    if (operator.startsWith('limit') && this.#options.experimentalFunctions === false) {
      const how = 'must be enabled with --enable-feature=promql-experimental-functions'
      throw fail(`${operator}() is experimental and ${how}`)
    }
    const expression = list[wanted - 1]
    if (expression === undefined || list.length !== wanted) {
      const counts = `expected ${wanted}, got ${list.length}`
      throw fail(`wrong number of arguments for aggregate expression provided, ${counts}`)
    }
    const parameter = wanted === 2 ? list[0] : undefined
    return {
      kind: 'aggregation',
      operator: operator as AggregationOperator,
      expression,
      ...(parameter && { parameter }),
      ...rest,
    }
  }

  #groupingLabels(): string[] {
    if (this.#tokens.accept('(') === undefined) this.#tokens.unexpectedIn(GROUPING, '"("')
    const labels: string[] = []
    while (this.#tokens.accept(')') === undefined) {
      labels.push(this.#groupingLabel())
      if (this.#tokens.accept(')') !== undefined) break
      if (this.#tokens.accept(',') === undefined) this.#tokens.unexpectedIn(GROUPING, '"," or ")"')
    }
    return labels
  }

  #groupingLabel(): string {
    const token = this.#tokens.peek()
    const isName = /^[\p{L}_:]/u.test(token.text) && token.type !== 'number' && token.type !== 'duration'
    if (token.type !== 'string' && (!isName || token.value === 'without')) {
      return this.#tokens.unexpectedIn(GROUPING, 'label')
    }
    this.#tokens.take()
    const name = token.type === 'string' ? unquote(token.text) : token.text
    const isUnsupported =
      token.type !== 'string' && this.#options.unquotedUtf8Names === true && this.#tokens.needsQuotes(name)
    if (name === '' || !isValidUnicode(name) || isUnsupported) {
      throw this.#tokens.error(token, `invalid label name for grouping: ${quote(name)}`)
    }
    return name
  }

  #binary(left: Expression, operator: Token, precedence: number): Binary {
    const returnBool = this.#tokens.accept('bool') !== undefined
    const matching = this.#matching()
    const right = this.#expression(precedence)
    const isFilled = matching.fillLeft !== undefined || matching.fillRight !== undefined
    if (isFilled && this.#options.fillModifiers === false) {
      throw this.#tokens.error(operator, 'binop fill modifiers are experimental and not enabled')
    }
    return { kind: 'binary', operator: operator.value as BinaryOperator, left, right, matching, returnBool }
  }

  #matching(): VectorMatching {
    let cardinality: Cardinality = 'one-to-one'
    let labels: string[] = []
    let include: string[] = []
    const keyword = this.#tokens.accept('on') ?? this.#tokens.accept('ignoring')
    if (keyword !== undefined) {
      labels = this.#groupingLabels()
      const grouping = this.#tokens.accept('group_left') ?? this.#tokens.accept('group_right')
      if (grouping !== undefined) {
        cardinality = grouping.value === 'group_left' ? 'many-to-one' : 'one-to-many'
        if (this.#tokens.at('(')) include = this.#groupingLabels()
      }
    }
    return { cardinality, on: keyword?.value === 'on', labels, include, ...this.#fill() }
  }

  #fill(): Pick<VectorMatching, 'fillLeft' | 'fillRight'> {
    if (this.#tokens.accept('fill') !== undefined) {
      const value = this.#fillValue()
      return { fillLeft: value, fillRight: value }
    }
    if (this.#tokens.accept('fill_left') !== undefined) {
      const fillLeft = this.#fillValue()
      if (this.#tokens.accept('fill_right') === undefined) return { fillLeft }
      return { fillLeft, fillRight: this.#fillValue() }
    }
    if (this.#tokens.accept('fill_right') === undefined) return {}
    const fillRight = this.#fillValue()
    if (this.#tokens.accept('fill_left') === undefined) return { fillRight }
    return { fillLeft: this.#fillValue(), fillRight }
  }

  #fillValue(): number {
    this.#tokens.expect('(')
    const literal = acceptSignedNumber(this.#tokens) ?? this.#tokens.unexpected()
    this.#tokens.expect(')')
    return literal.value
  }
}

/** Whether the tree is too deep for recursive functions, such as that of `1 + 1 + 1 …`. */
function isDeeper(expression: Expression, levels: number): boolean {
  let level: readonly Expression[] = [expression]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true
    level = level.flatMap(childrenOf)
  }
  return false
}
