import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { PageRefresher } from './page-refresher.ts'

/** The parts of a browser's document that the refresher uses. */
const page = Object.assign(new EventTarget(), { hidden: false })
Object.defineProperty(globalThis, 'document', { value: page, configurable: true })

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Watched {
  readonly refresher: PageRefresher
  readonly signals: AbortSignal[]
  /** Ends the current refresh. */
  finish(error?: Error): Promise<void>
  readonly done: unknown[]
  readonly busy: boolean[]
}

function watched(seconds = 0): Watched {
  const signals: AbortSignal[] = []
  const done: unknown[] = []
  const busy: boolean[] = []
  let end: (error?: Error) => void = () => {}
  const refresher = new PageRefresher({
    refresh(signal) {
      signals.push(signal)
      return new Promise((resolve, reject) => {
        end = (error) => (error ? reject(error) : resolve())
      })
    },
    onBusy: (one) => busy.push(one),
    onDone: (error) => done.push(error),
    seconds: () => seconds,
  })
  const finish = async (error?: Error): Promise<void> => {
    end(error)
    await settled()
  }
  return { refresher, signals, finish, done, busy }
}

describe('a page', () => {
  beforeEach(() => {
    page.hidden = false
  })

  test('is refreshed once at a time, and once more if that was requested meanwhile', async () => {
    const { refresher, signals, finish, done, busy } = watched()
    for (let index = 0; index < 3; index++) void refresher.refresh()
    assert.equal(signals.length, 1)
    await finish()
    assert.equal(signals.length, 2)
    await finish(new Error('broken'))
    assert.deepEqual([signals.length, done.map(String)], [2, ['undefined', 'Error: broken']])
    assert.deepEqual(busy, [true, false, true, false])
  })

  test('that has changed cancels the current refresh', async () => {
    const { refresher, signals, finish, done } = watched()
    void refresher.refresh()
    refresher.restart()
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, false],
    )
    await finish()
    assert.deepEqual(done, [undefined])
  })

  test('is refreshed periodically, and soon after a change', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const { refresher, signals, finish } = watched(10)
    void refresher.refresh()
    await finish()
    context.mock.timers.tick(9999)
    assert.equal(signals.length, 1)
    context.mock.timers.tick(1)
    assert.equal(signals.length, 2)
    await finish()
    refresher.refreshSoon()
    refresher.refreshSoon()
    context.mock.timers.tick(2000)
    assert.equal(signals.length, 3)
  })

  test('that is hidden waits until it is visible', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const { refresher, signals, finish } = watched(10)
    page.hidden = true
    void refresher.refresh()
    await finish()
    refresher.refreshSoon()
    context.mock.timers.tick(60_000)
    assert.equal(signals.length, 1)
    page.hidden = false
    page.dispatchEvent(new Event('visibilitychange'))
    assert.equal(signals.length, 2)
  })
})
