import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatClock, formatMoment } from '@node-to-cloud/browser-kit/format/time'
import { listenersOf, markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { ChannelView, NotificationView, UptimeCheckView } from '../../../contract/alerting.ts'
import { channelLines, notificationLines, section, snoozeLines, uptimeLines } from './alerting-sections.ts'

const NOW_MS = 1_767_323_040_000

describe('a line of a channel', () => {
  const channel: ChannelView = {
    name: 'projects/p/notificationChannels/1',
    type: 'email',
    displayName: 'me',
    enabled: true,
    verified: true,
    target: 'me@example.com',
    policies: 2,
  }
  const cases: [changes: Partial<ChannelView>, text: string, state: string][] = [
    [{}, 'Enabled me email me@example.com, used by 2 policies Send a test', 'quiet'],
    [{ policies: 1 }, 'Enabled me email me@example.com, used by 1 policy Send a test', 'quiet'],
    [{ enabled: false }, 'Disabled me email me@example.com, used by 2 policies Send a test', 'disabled'],
    [{ verified: false }, 'Unverified me email me@example.com, used by 2 policies Send a test', 'disabled'],
    [{ displayName: '' }, 'Enabled email email me@example.com, used by 2 policies Send a test', 'quiet'],
  ]
  for (const [changes, text, state] of cases)
    test(JSON.stringify(changes), () => {
      const [line] = channelLines([{ ...channel, ...changes }], async () => {})
      assert.equal(textOf(line), text)
      assert.match(markupOf(line), new RegExp(`data-state=${state}>`))
    })

  test('its button sends a test', () =>
    assert.equal(
      listenersOf(
        channelLines([channel], async () => {}),
        'click',
      ).length,
      1,
    ))
})

describe('a line of a notification', () => {
  const notification: NotificationView = {
    id: 1,
    timeMs: NOW_MS,
    channel: 'me',
    event: 'opened',
    text: 'too high',
    outcome: 'sent',
    detail: 'HTTP 200',
    attempts: 1,
  }
  const clock = formatClock(NOW_MS)
  const cases: [changes: Partial<NotificationView>, text: string, state: string][] = [
    [{}, `Sent opened: too high ${clock} me HTTP 200`, 'quiet'],
    [{ outcome: 'failed', attempts: 3 }, `Failed opened: too high ${clock} me HTTP 200, 3 attempts`, 'firing'],
    [{ outcome: 'recorded', event: 'reminder' }, `Recorded still open: too high ${clock} me HTTP 200`, 'quiet'],
    [{ outcome: 'sending', event: 'closed', detail: '' }, `Sending closed: too high ${clock} me`, 'quiet'],
  ]
  for (const [changes, text, state] of cases)
    test(JSON.stringify(changes), () => {
      const [line] = notificationLines([{ ...notification, ...changes }])
      assert.equal(textOf(line), text)
      assert.match(markupOf(line), new RegExp(`data-state=${state}>`))
    })
})

test('a snooze is planned, active or ended', () => {
  const snooze = { name: 's', displayName: 'night', startMs: 1000, endMs: 2000, policies: ['a'] }
  const states = [500, 1000, 2000].map((nowMs) => textOf(snoozeLines([snooze], nowMs)))
  const rest = `night ${formatMoment(1000)} to ${formatMoment(2000)}, 1 policy`
  assert.deepEqual(states, [`Planned ${rest}`, `Active ${rest}`, `Ended ${rest}`])
})

describe('a line of an uptime check', () => {
  const check: UptimeCheckView = { name: 'u', displayName: 'site', target: 'http://x:80/', problem: '', notDone: '' }
  const made = { passed: true, latencyMs: 12.34, checkedMs: NOW_MS - 30_000 }
  const cases: [changes: Partial<UptimeCheckView>, text: string][] = [
    [{}, 'Not run site http://x:80/'],
    [{ problem: 'No address.' }, 'Not run site http://x:80/ No address.'],
    [made, 'Up site http://x:80/ 12.3 ms, 30 s ago'],
    [{ ...made, passed: false, problem: 'HTTP 500' }, 'Down site http://x:80/ HTTP 500, 30 s ago'],
    [{ ...made, notDone: 'Its pings are not sent.' }, 'Up site http://x:80/ 12.3 ms, 30 s ago Its pings are not sent.'],
  ]
  for (const [changes, text] of cases)
    test(text, () => assert.equal(textOf(uptimeLines([{ ...check, ...changes }], NOW_MS)), text))
})

test('a section without rows is omitted', () => {
  assert.equal(textOf(section('Snoozes', [])), '')
  assert.equal(textOf(section('Snoozes', ['a'])), 'Snoozesa')
})
