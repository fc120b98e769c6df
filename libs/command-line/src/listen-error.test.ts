import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { ListenError, listenProblem } from './listen-error.ts'

for (const [title, cause, expected] of [
  [
    'a port in use',
    new Error('listen EADDRINUSE: address already in use 127.0.0.1:9091'),
    'another process has this port; end it or choose another port',
  ],
  [
    'an address of another machine',
    new Error('listen EADDRNOTAVAIL: address not available 10.9.9.9:9091'),
    'this machine does not have this address; choose one that it has, such as 127.0.0.1',
  ],
  [
    'a port for root only',
    new Error('listen EACCES: permission denied 127.0.0.1:80'),
    'this user may not listen on this port; choose one above 1023',
  ],
  [
    'an unknown host name',
    new Error('getaddrinfo ENOTFOUND sidecar.invalid'),
    'this host name has no address; choose an address of this machine, such as 127.0.0.1',
  ],
  [
    'the message of gRPC',
    new Error('No address added out of total 1 resolved errors: [listen EADDRINUSE: address already in use ::1:80]'),
    'another process has this port; end it or choose another port',
  ],
  ['anything else', new Error('listen ENOBUFS: no buffer space available'), undefined],
] as const) {
  test(title, () => {
    assert.equal(listenProblem(cause), expected)
    const { message, exitCode } = new ListenError('127.0.0.1:9091', cause)
    assert.equal(message, `can't listen on 127.0.0.1:9091: ${expected ?? cause.message}`)
    assert.equal(exitCode, 1)
  })
}

test('names the option or variable, if there is one', () => {
  assert.equal(
    new ListenError('127.0.0.1:80', new Error('listen EACCES: permission denied'), '--web.listen-address').message,
    "--web.listen-address: can't listen on 127.0.0.1:80: this user may not listen on this port; choose one above 1023",
  )
})

for (const [title, host, expected] of [
  ['a port that is in use', '127.0.0.1', /^another process has this port/],
  ['an address of documentation', '192.0.2.1', /^this machine does not have this address/],
  ['a name that can’t exist', 'name.invalid', /^this host name has no address/],
] as const) {
  test(`explains the system's own error: ${title}`, async (context) => {
    const first = createServer().listen(0, '127.0.0.1')
    await once(first, 'listening')
    context.after(() => first.close())
    const address = first.address()
    assert.ok(typeof address === 'object' && address !== null)
    const [error] = await once(createServer().listen(address.port, host), 'error')
    assert.match(listenProblem(error) ?? '', expected)
  })
}
