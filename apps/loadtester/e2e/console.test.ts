import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { assertAccessible, assertNothingCutInSilence, keepPicture } from '@node-to-cloud/browser-kit/testing'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { LoadProcess } from '../test/testing/load-process.ts'
import { TargetServer } from '../test/testing/target-server.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)
const token = 'token-of-a-test-0123456789'
const patient = { timeout: 30_000 }

describe('the console in a browser', {
  skip: executablePath === undefined && 'there is no Chromium; apt-get install chromium',
}, () => {
  let folder = ''
  let target: TargetServer
  let service: LoadProcess
  let url = ''
  let browser: Browser
  let context: BrowserContext
  let page: Page
  const problems: string[] = []

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-console-'))
    await writeFile(
      join(folder, 'shop.yml'),
      `config:
  phases: [{ duration: 600, arrivalRate: 20 }]
  ensure: { thresholds: [{ http.response_time.p95: 5000 }] }
scenarios:
  - name: <b>browse</b>
    flow:
      - get: { url: /, name: "<img src=x onerror=alert(1)>" }
      - get: { url: /missing }
`,
    )
    await writeFile(
      join(folder, 'choices.yml'),
      'config: { variables: { word: none }, environments: { stage: { target: "http://127.0.0.1:1" } } }\nscenarios:\n  - { name: browse, flow: [{ get: { url: / } }] }\n  - { name: buy, flow: [{ get: { url: / } }] }\n',
    )
    await writeFile(join(folder, 'broken.yml'), 'scenarios:\n  - { engine: nowhere, flow: [{ get: { url: / } }] }\n')
    target = await TargetServer.start((request, response) => {
      response.statusCode = request.url === '/missing' ? 404 : 200
      response.end('x')
    })
    service = new LoadProcess(['standalone'], {
      TARGET_HOST: target.url,
      PORT: '0',
      METRICS_PORT: '0',
      WORKER_METRICS_PORT: '0',
      LOAD_SCRIPT: join(folder, 'shop.yml'),
      LOAD_TOKEN: token,
      LOAD_STATE_DIR: join(folder, 'state'),
    })
    url = await service.printed(/The console is at (http:\S+\/);/)
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] })
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    page = await context.newPage()
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      // A request that is refused on purpose shows up as a failed resource.
      if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
        problems.push(message.text())
    })
  })
  after(async () => {
    await browser.close()
    await service.dispose()
    await target.close()
    await rm(folder, { recursive: true })
  })

  it('asks for the token, and accepts the right one', async () => {
    await page.goto(url)
    assert.match(page.url(), /\/login$/)
    await page.getByLabel('Token').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor(patient)
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Start a load test' }).waitFor(patient)
  })

  it('shows next to a field what is wrong with it', async () => {
    await page.getByLabel('Arrivals per second').fill('many')
    await page.getByRole('button', { name: 'Start the test' }).click()
    await page.getByText('Enter a number of at least 0').waitFor(patient)
    assert.equal(await page.getByLabel('Arrivals per second').getAttribute('aria-invalid'), 'true')
    await page.getByLabel('Arrivals per second').fill('10')
    await page.getByLabel('Duration').fill('soon')
    await page.getByRole('button', { name: 'Start the test' }).click()
    await page.getByText('Enter a duration such as 90, 5m or 1h30m, not "soon".').waitFor(patient)
    await page.getByText('Users', { exact: true }).first().click()
    await page.getByLabel('Users to start per second').fill('2,5')
    await page.getByRole('button', { name: 'Start the test' }).click()
    await page.getByText('Enter a number above 0 such as 2.5, or nothing, not "2,5".').waitFor(patient)
    assert.equal(await page.locator('[aria-invalid=true]').count(), 2, 'every wrong field is marked')
    await page.getByLabel('Users to start per second').fill('')
    assert.equal(await page.locator('[aria-invalid=true]').count(), 1, 'until it is mended')
    await page.getByText('Arrivals', { exact: true }).click()
    await page.getByLabel('Duration').fill('')
  })

  it('shows in the form why a script can not run, and keeps the form open', async () => {
    await page.locator('select[name=script]').selectOption('broken.yml')
    await page.getByRole('button', { name: 'Start the test' }).click()
    await page.getByRole('alert').filter({ hasText: 'engine "nowhere" can\'t be loaded' }).waitFor(patient)
    // Longer than it takes to ask the master for its state again.
    await page.waitForTimeout(1500)
    assert.ok(await page.getByRole('alert').filter({ hasText: 'nowhere' }).isVisible())
    await page.locator('select[name=script]').selectOption('shop.yml')
  })

  it('offers the scenarios, environments and variables of the chosen script', async () => {
    await page.locator('select[name=script]').selectOption('choices.yml')
    await page.getByLabel('Scenario').selectOption('buy')
    await page.getByLabel('Environment').selectOption('stage')
    await page.getByLabel('word').fill('chosen')
    await page.locator('select[name=script]').selectOption('shop.yml')
    await page.getByLabel('Scenario').waitFor({ state: 'detached', ...patient })
  })

  it('starts a test and shows its statistics, with all text escaped', async () => {
    await page.getByLabel('Arrivals per second').fill('40')
    await page.getByRole('button', { name: 'Start the test' }).click()
    await page.getByRole('status').filter({ hasText: 'running' }).first().waitFor(patient)
    await page.getByRole('cell', { name: '<img src=x onerror=alert(1)>' }).waitFor(patient)
    await page.getByRole('cell', { name: '/missing' }).waitFor(patient)
    await page.getByText('http.response_time.p95: 5000').waitFor(patient)
    await page.getByRole('columnheader', { name: 'Failed per second now' }).waitFor(patient)
    await page.getByRole('region', { name: 'Scenarios' }).getByRole('cell', { name: / %$/ }).first().waitFor(patient)
    assert.equal(await page.locator('main img').count(), 0)
    const hidden = await page
      .getByRole('region', { name: 'Statistics' })
      .evaluate((region) => region.scrollWidth - region.clientWidth)
    assert.equal(hidden, 0, 'every column is there without scrolling')
  })

  it('draws the live charts', async () => {
    await page.getByRole('link', { name: 'Charts' }).click()
    await page.locator('canvas').nth(3).waitFor(patient)
    // A chart that only has a grid would be the same in every column.
    await page.waitForFunction(
      () => {
        const canvas = document.querySelector('canvas')
        const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data
        return pixels !== undefined && new Set(pixels).size > 20
      },
      undefined,
      patient,
    )
  })

  it('shows the last minute of the run, if somebody wants that', async () => {
    await page.getByRole('button', { name: 'Last minute' }).click()
    await page.getByRole('button', { name: 'Last minute', pressed: true }).waitFor(patient)
    await page.getByRole('button', { name: 'Whole run' }).click()
    await page.getByRole('button', { name: 'Whole run', pressed: true }).waitFor(patient)
  })

  it('lists failures and workers', async () => {
    await page.getByRole('link', { name: /Failures/ }).click()
    await page.getByRole('cell', { name: 'HTTP 404' }).waitFor(patient)
    await page.getByRole('columnheader', { name: 'Last seen' }).waitFor(patient)
    await page.getByRole('link', { name: /Workers/ }).click()
    await page.getByRole('cell', { name: 'local' }).waitFor(patient)
  })

  it('changes the load, pauses and resumes it', async () => {
    await page.getByRole('link', { name: 'Statistics' }).click()
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel(/Arrivals per second/).fill('-1')
    await page.getByRole('button', { name: 'Change the load' }).click()
    await page.getByText('Enter a number of at least 0, not "-1".').waitFor(patient)
    await page.getByLabel(/Arrivals per second/).fill('15.5')
    await page.getByLabel(/Change of the rate per second/).fill('0')
    await page.getByRole('button', { name: 'Change the load' }).click()
    await page.getByText('Enter a number above 0 such as 2.5, or nothing, not "0".').waitFor(patient)
    await page.getByLabel(/Change of the rate per second/).fill('50')
    await page.getByRole('button', { name: 'Change the load' }).click()
    await page.getByText('15.5').waitFor(patient)
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('status').filter({ hasText: 'paused' }).first().waitFor(patient)
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('status').filter({ hasText: 'running' }).first().waitFor(patient)
  })

  it('shows the script, and offers the files of the run', async () => {
    await page.getByRole('link', { name: 'Script' }).click()
    await page.getByText('arrivalRate: 20').waitFor(patient)
    await page.getByRole('link', { name: 'Downloads' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download', patient),
      page.getByRole('link', { name: /Report/ }).click(),
    ])
    assert.match(download.suggestedFilename(), /^shop\.yml-.*report\.html$/)
    const report = join(folder, 'report.html')
    await download.saveAs(report)
    for (const width of [1440, 1024, 390])
      for (const colorScheme of ['light', 'dark'] as const) {
        const reader = await browser.newPage({ viewport: { width, height: 800 }, colorScheme })
        await reader.goto(pathToFileURL(report).href)
        const overflow = await reader.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        assert.ok(overflow <= 0, `the report is ${overflow} pixels too wide at ${width}`)
        await assertAccessible(reader, `report, ${width}, ${colorScheme}`)
        await keepPicture(reader, `loadtester/report-${width}-${colorScheme}`)
        await reader.close()
      }
  })

  it('stops the test, keeps it, and compares it with another one', async () => {
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('button', { name: 'New test' }).waitFor(patient)
    await page.getByRole('button', { name: 'New test' }).click()
    await page.getByText('Users', { exact: true }).first().click()
    await page.getByLabel('Users', { exact: true }).last().fill('3')
    await page.getByLabel('Duration').fill('2')
    await page.getByRole('button', { name: 'Start the test' }).click()
    await page.getByRole('status').filter({ hasText: 'finished' }).first().waitFor(patient)
    await page.getByRole('link', { name: 'History' }).click()
    await page.getByRole('checkbox').nth(1).waitFor(patient)
    for (const box of await page.getByRole('checkbox').all()) await box.click()
    await page.getByRole('heading', { name: 'Comparison' }).waitFor(patient)
    await page.locator('canvas').nth(1).waitFor(patient)
    assert.match(page.url(), /#history\?compare=[^,]+,[^,]+$/)
    await page.reload()
    await page.getByText('The newer run keeps the bounds of its script.').waitFor(patient)
  })

  it('tells which run was better while one is running, in three actions', async () => {
    await page.getByRole('button', { name: 'New test' }).click()
    await page.getByLabel('Arrivals per second').fill('20')
    await page.getByRole('button', { name: 'Start the test' }).click()
    await page.getByRole('status').filter({ hasText: 'running' }).first().waitFor(patient)
    await page.goto(`${url}#statistics`)
    await page.getByRole('link', { name: 'History' }).click()
    await page.getByRole('checkbox').nth(2).waitFor(patient)
    await page.getByRole('checkbox').nth(0).click()
    await page.getByRole('checkbox').nth(1).click()
    await page.getByText('The running run').waitFor(patient)
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('button', { name: 'New test' }).waitFor(patient)
  })

  it('keeps focus and selection while figures change', async () => {
    await page.goto(`${url}#workers`)
    await page.getByRole('cell', { name: 'local' }).selectText()
    await page.getByRole('region', { name: 'Workers' }).focus()
    const reads = page.waitForResponse((response) => response.url().includes('/api/state'))
    await reads
    await page.waitForResponse((response) => response.url().includes('/api/state'))
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Workers')
    await page.goto(`${url}#statistics`)
  })

  it('asks before it deletes a run', async () => {
    await page.goto(`${url}#history`)
    const boxes = page.getByRole('checkbox')
    await boxes.nth(2).waitFor(patient)
    await page.getByRole('button', { name: 'Delete' }).first().click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    assert.equal(await boxes.count(), 3)
    await page.getByRole('button', { name: 'Delete' }).first().click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await boxes.nth(2).waitFor({ state: 'detached', ...patient })
    assert.equal(await boxes.count(), 2)
  })

  for (const [width, scheme] of [
    [390, 'dark'],
    [390, 'light'],
    [1024, 'light'],
    [1440, 'dark'],
  ] as const) {
    it(`fits ${width} pixels, ${scheme}, on every view`, async () => {
      await page.setViewportSize({ width, height: 800 })
      await page.emulateMedia({ colorScheme: scheme })
      for (const view of ['statistics', 'charts', 'failures', 'workers', 'script', 'history', 'downloads', 'events']) {
        await page.goto(`${url}#${view}`)
        await page.locator(`nav a[href="#${view}"][aria-current="page"]`).waitFor(patient)
        await page.locator('main .card').first().waitFor(patient)
        const [left, right] = await page
          .locator(`nav a[href="#${view}"]`)
          .evaluate((tab) => [tab.getBoundingClientRect().left, tab.getBoundingClientRect().right])
        assert.ok((left ?? -1) >= 0 && (right ?? width + 1) <= width + 1, `the tab of ${view} is not in sight`)
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        assert.ok(overflow <= 0, `${view} is ${overflow} pixels too wide`)
        await assertAccessible(page, view)
        await assertNothingCutInSilence(page, view)
        await keepPicture(page, `loadtester/${view}-${width}-${scheme}`)
      }
      const [text, paper] = await page.evaluate(() => [
        getComputedStyle(document.body).color,
        getComputedStyle(document.body).backgroundColor,
      ])
      const brightness = (color: string | undefined): number =>
        (color?.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0)
      assert.equal(brightness(paper) > brightness(text), scheme === 'light')
    })
  }

  it('says that the load tester is gone, and has had no error in its own code', async () => {
    service.kill('SIGTERM')
    assert.equal(await service.exited(), 0)
    await page.getByText('The load tester does not respond').waitFor(patient)
    assert.deepEqual(problems, [])
  })
})
