import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../src/repository-root.ts'

/** A fenced block of a Markdown file. */
export interface Block {
  readonly language: string
  readonly text: string
}

/**
 * The blocks of one section of the root README, in their order.
 *
 * @throws Error where there is no such section
 */
export function blocksOf(heading: string): readonly Block[] {
  const [, section] = readFileSync(join(repositoryRoot, 'README.md'), 'utf8').split(`\n## ${heading}\n`)
  if (section === undefined) throw new Error(`README.md has no section "${heading}"`)
  const [body = ''] = section.split('\n## ')
  return [...body.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language = '', text = '']) => ({ language, text }))
}

/** The commands of a block, each on one line, without comments. */
export function commandsOf({ text }: Block): readonly string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '')
}
