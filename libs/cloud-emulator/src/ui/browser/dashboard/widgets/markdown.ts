export type Inline =
  | { readonly kind: 'text' | 'code' | 'strong' | 'emphasis'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string }

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly content: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly content: readonly Inline[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: 'code'; readonly text: string }

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|\b_([^_]+)_\b|\[([^\]]+)\]\(([^()\s]+)\)/g

/** Only links that are safe to follow: to the web, or within this page. */
function safeLink(href: string): boolean {
  return /^https?:\/\//i.test(href) || href.startsWith('#')
}

function parseInline(text: string): Inline[] {
  const parts: Inline[] = []
  let end = 0
  for (const match of text.matchAll(INLINE)) {
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) })
    const [whole, code, strong, strong2, emphasis, emphasis2, label, href] = match
    if (code !== undefined) parts.push({ kind: 'code', text: code })
    else if (strong !== undefined || strong2 !== undefined)
      parts.push({ kind: 'strong', text: strong ?? strong2 ?? '' })
    else if (emphasis !== undefined || emphasis2 !== undefined) {
      parts.push({ kind: 'emphasis', text: emphasis ?? emphasis2 ?? '' })
    } else if (label !== undefined && href !== undefined && safeLink(href)) {
      parts.push({ kind: 'link', text: label, href })
    } else parts.push({ kind: 'text', text: label ?? whole })
    end = match.index + whole.length
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) })
  return parts
}

/**
 * Parses the part of Markdown that text widgets use: headings, paragraphs, lists, code, emphasis, links. HTML is
 * treated as plain text. The result is data from which elements are built, so nothing in it can become markup.
 */
export function parseMarkdown(source: string): Block[] {
  const blocks: Block[] = []
  let paragraph: string[] = []
  let list: { ordered: boolean; items: string[] } | undefined
  const endParagraph = (): void => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', content: parseInline(paragraph.join(' ')) })
    paragraph = []
  }
  const endList = (): void => {
    if (list) blocks.push({ kind: 'list', ordered: list.ordered, items: list.items.map(parseInline) })
    list = undefined
  }

  const lines = source.replace(/\r\n?/g, '\n').split('\n')
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const heading = /^(#{1,6})\s+(.*)$/.exec(line)
    const item = /^\s*(?:([-*+])|\d{1,9}[.)])\s+(.*)$/.exec(line)
    if (/^\s*```/.test(line)) {
      endParagraph()
      endList()
      const code: string[] = []
      while (++index < lines.length && !/^\s*```/.test(lines[index] ?? '')) code.push(lines[index] ?? '')
      blocks.push({ kind: 'code', text: code.join('\n') })
    } else if (heading) {
      endParagraph()
      endList()
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, content: parseInline(heading[2] ?? '') })
    } else if (item) {
      endParagraph()
      const ordered = item[1] === undefined
      if (list?.ordered !== ordered) endList()
      list ??= { ordered, items: [] }
      list.items.push(item[2] ?? '')
    } else if (line.trim() === '') {
      endParagraph()
      endList()
    } else if (list && /^\s+/.test(line)) {
      list.items.push(`${list.items.pop() ?? ''} ${line.trim()}`)
    } else {
      endList()
      paragraph.push(line.trim())
    }
  }
  endParagraph()
  endList()
  return blocks
}
