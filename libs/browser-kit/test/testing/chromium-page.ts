import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

/** Debian's Chromium; CI installs it. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Why tests that need a browser are skipped; `false` if they can run. */
export const NO_BROWSER = existsSync(CHROMIUM) ? false : `there is no Chromium at ${CHROMIUM}`

/** Starts Chromium without any network traffic of its own. */
export function startBrowser(): Promise<Browser> {
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update']
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--headless', '--no-sandbox', '--disable-gpu', ...quiet, '--disable-sync'],
  })
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** Fails if axe finds a violation of WCAG 2.2 A or AA, or of its best practices, on the page in its current state. */
export async function assertAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(await readFile(AXE, 'utf8'))
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } }
    interface Violation {
      readonly id: string
      readonly help: string
      readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[]
    }
    // It mistakes a tab that is scrolled out of view for a skip link.
    const found = await axe.run({ rules: { 'skip-link': { enabled: false } } })
    return found.violations.map(({ id, help, nodes }) => ({
      rule: `${id}: ${help}`,
      places: nodes.slice(0, 5).map((node) => `${node.target.join(' ')}: ${node.failureSummary ?? ''}`),
    }))
  })
  assert.deepEqual(violations, [], what)
}

/**
 * Fails if a text is truncated with an ellipsis and the full text is not available: as its title, as that of its row's
 * link, or in what opens below it.
 */
export async function assertNothingCutInSilence(page: Page, what: string): Promise<void> {
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('body *')]
      .filter((one) => getComputedStyle(one).textOverflow === 'ellipsis' && one.scrollWidth > one.clientWidth + 1)
      .filter((one) => one.clientWidth > 0 && one.closest('[title], summary') === null)
      .filter((one) => one.closest('tr')?.querySelector('a[title]') == null && one.querySelector('[title]') === null)
      .map((one) => `${one.className}: ${one.textContent.trim().slice(0, 60)}`),
  )
  assert.deepEqual(cut, [], what)
}

/** Saves a screenshot for a person to look at if the variable `SCREENSHOTS` names a folder. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS
  if (folder === undefined) return
  const path = `${folder}/${name}.png`
  await mkdir(dirname(path), { recursive: true })
  await page.screenshot({ path, fullPage: true })
}
