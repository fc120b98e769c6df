import type { Locator, Page } from 'playwright-core'

/** Counts a user's actions on a page: a click, a choice, and a text typed and confirmed are one each. */
export class CountedActions {
  readonly page: Page
  count = 0

  constructor(page: Page) {
    this.page = page
  }

  async click(target: Locator, options: { readonly position?: { x: number; y: number } } = {}): Promise<void> {
    this.count++
    await target.click(options)
  }

  async choose(select: Locator, value: string): Promise<void> {
    this.count++
    await select.selectOption(value)
  }

  /** Types a text and presses Enter. */
  async type(field: Locator, text: string): Promise<void> {
    this.count++
    await field.fill(text)
    await field.press('Enter')
  }
}
