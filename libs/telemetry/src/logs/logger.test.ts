import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { createLogger } from './logger.ts'

async function capture(level = 'trace') {
  const lines: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const { logger } = await createLogger({ level, destination })
  return { logger, lines }
}

test("lines have Cloud Logging's severities", async () => {
  const { logger, lines } = await capture()
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) logger[level]('hello')
  assert.deepEqual(
    lines.map(({ severity }) => severity),
    ['DEBUG', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'],
  )
  assert.equal(lines[0]?.message, 'hello')
  assert.match(String(lines[0]?.time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

test('lines below the level are not written', async () => {
  const { logger, lines } = await capture('warn')
  logger.info('no')
  logger.warn('yes')
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['yes'],
  )
})

test('no field of a line leaks into the next one', async () => {
  const { logger, lines } = await capture()
  logger.info({ a: 1 }, 'first')
  logger.info('second')
  assert.equal(lines[0]?.a, 1)
  assert.equal(lines[1]?.a, undefined)
})

test('inside a span, a line has the bare trace id, the span id and whether it is sampled', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const { logger, lines } = await capture()
  const span = trace.wrapSpanContext({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 })
  context.with(trace.setSpan(context.active(), span), () => logger.info('inside'))
  logger.info('outside')
  context.disable()
  assert.equal(lines[0]?.['logging.googleapis.com/trace'], 'a'.repeat(32))
  assert.equal(lines[0]?.['logging.googleapis.com/spanId'], 'b'.repeat(16))
  assert.equal(lines[0]?.['logging.googleapis.com/trace_sampled'], true)
  assert.equal(lines[1]?.['logging.googleapis.com/trace'], undefined)
})

test('an error keeps its stack and its cause', async () => {
  const { logger, lines } = await capture()
  logger.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed')
  const { err } = lines[0] as { err: { message: string; stack: string } }
  assert.equal(err.message, 'outer: inner')
  assert.match(err.stack, /caused by: Error: inner/)
})

const run = (script: string, stdout: 'pipe' | 'ignore' = 'pipe') =>
  spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { createLogger } from ${JSON.stringify(fileURLToPath(new URL('logger.ts', import.meta.url)))}\n${script}`,
    ],
    // With NO_COLOR and FORCE_COLOR=true, Node itself prints a warning to standard error.
    { encoding: 'utf8', stdio: ['ignore', stdout, 'pipe'], env: { ...process.env, FORCE_COLOR: '0' } },
  )

test('the last lines of a process that exits immediately are written', () => {
  const { stdout } = run(
    `const { logger } = await createLogger(); for (let i = 0; i < 100; i++) logger.info('line'); process.exit(3)`,
  )
  assert.equal(stdout.trim().split('\n').length, 100)
})

test('a terminal gets readable lines', () => {
  const { stdout } = run(`const { logger } = await createLogger({ pretty: true }); logger.info({ a: 1 }, 'hello')`)
  assert.match(stdout, /INFO.*hello/)
  assert.doesNotMatch(stdout, /^\{/)
})

test('a reader that goes away does not end the process', () => {
  const { stderr } = run(
    `const { logger } = await createLogger()
     const { closeSync } = await import('node:fs')
     closeSync(1)
     for (let i = 0; i < 1000; i++) { logger.info('nobody reads this'); await new Promise((r) => setTimeout(r, i % 100 ? 0 : 20)) }
     process.stderr.write('still here')`,
  )
  assert.equal(stderr, 'still here')
})
