import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { policyJson } from '../test/testing/alerting-calls.ts'
import { type EmulatorProcess, NO_BROWSER, openPage, startBrowser, startEmulatorProcess } from './ui-session.ts'

const V3 = '/v3/projects/demo-project'
const START = Date.parse('2026-01-02T03:00:00Z')

describe('the alerts page', { skip: NO_BROWSER, timeout: 900_000 }, () => {
  let emulator: EmulatorProcess
  let browser: Browser

  const post = async (path: string, body: object): Promise<{ name: string }> => {
    const response = await fetch(`${emulator.origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    assert.equal(response.status, 200, text)
    return JSON.parse(text)
  }
  /** Writes a level every 30 s of the emulator's clock. */
  const pass = async (from: number, to: number, doubleValue: number): Promise<void> => {
    for (let seconds = from; seconds <= to; seconds += 30) {
      const endTime = new Date(START + seconds * 1000).toISOString()
      await post('/clock', { time: endTime })
      const point = { interval: { endTime }, value: { doubleValue } }
      const metric = { type: 'custom.googleapis.com/level' }
      await post(`${V3}/timeSeries`, { timeSeries: [{ metric, resource: { type: 'global' }, points: [point] }] })
      await post('/clock', { advanceMs: 0 })
    }
  }

  before(async () => {
    emulator = await startEmulatorProcess()
    browser = await startBrowser()
    await post('/clock', { time: new Date(START).toISOString() })
    const channel = await post(`${V3}/notificationChannels`, {
      type: 'email',
      displayName: 'On call',
      labels: { email_address: 'me@example.com' },
    })
    const documentation = { subject: 'The level is too high', content: 'Open the **valve**.' }
    const policy = policyJson({ documentation, severity: 'CRITICAL', notificationChannels: [channel.name] })
    const { name } = await post(`${V3}/alertPolicies`, policy)
    const filter = 'metric.type = "custom.googleapis.com/none" resource.type = "global"'
    await post(`${V3}/alertPolicies`, policyJson({ displayName: 'idle' }, { filter }))
    const incidentList = { policyNames: [name] }
    const tile = { width: 24, height: 16 }
    await post('/v1/projects/demo-project/dashboards', {
      name: 'projects/demo-project/dashboards/alerts',
      displayName: 'alerts',
      mosaicLayout: {
        columns: 48,
        tiles: [
          { ...tile, widget: { title: 'Level', alertChart: { name } } },
          { ...tile, xPos: 24, widget: { title: 'Incidents', incidentList } },
        ],
      },
    })
    await pass(30, 180, 2)
  })
  after(async () => {
    await browser?.close()
    await emulator?.stop()
  })

  it('shows an open incident with its documentation, and in the navigation', async () => {
    const { page, assertClean } = await openPage(browser, emulator.origin, '#/alerts?refresh=0')
    assert.equal(await page.locator('.nav-link .badge:not([hidden])').textContent(), '1')
    const incident = page.locator('.incident')
    assert.equal(await incident.count(), 1)
    assert.match((await incident.locator('summary').textContent()) ?? '', /Open.*The level is too high.*CRITICAL/)
    await incident.locator('summary').click()
    assert.equal(await incident.locator('strong').textContent(), 'valve')
    assertClean()
    await page.close()
  })

  it('shows which policies fire, and which match no series', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/alerts?refresh=0')
    const texts = await page.locator('.alert-row[name=policy] summary').allTextContents()
    assert.match(texts[0] ?? '', /^Firing.*too high/)
    assert.match(texts[1] ?? '', /^Matches no series.*idle.*No stored series matches its filter/)
    await page.close()
  })

  it('sends a test notification to a channel', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/alerts?refresh=5')
    await page.getByRole('button', { name: 'Send a test' }).click()
    await page.getByText('test: A test').first().waitFor()
    await page.close()
  })

  it('a dashboard draws the chart of a policy and its incidents', async () => {
    const { page, assertClean } = await openPage(browser, emulator.origin, '#/dashboards/alerts?refresh=0')
    assert.equal(await page.locator('.widget-alert-chart canvas').count(), 1)
    assert.equal(await page.locator('.widget-incidents .incident').count(), 1)
    assertClean()
    await page.close()
  })

  it('shows that an incident has closed', async () => {
    await pass(210, 330, 0)
    const { page } = await openPage(browser, emulator.origin, '#/alerts?refresh=0')
    assert.match((await page.locator('.incident summary').textContent()) ?? '', /Closed.*condition no longer met/)
    await page.close()
  })
})
