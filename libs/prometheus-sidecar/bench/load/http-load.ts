import { connect } from 'node:net'

/** Requests `http://127.0.0.1:PORT/` without pause on fifty connections, like wrk. */
const port = Number(process.argv[2])
const CONNECTIONS = 50
const request = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`

for (let connection = 0; connection < CONNECTIONS; connection++) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(request))
  let expected = 0
  let received = 0
  socket.on('data', (chunk) => {
    if (expected === 0) {
      const head = chunk.toString('latin1')
      const length = /content-length: (\d+)/i.exec(head)?.[1]
      expected = head.indexOf('\r\n\r\n') + 4 + Number(length)
    }
    received += chunk.length
    if (received < expected) return
    received = 0
    expected = 0
    socket.write(request)
  })
  socket.on('error', () => process.exit(0))
  socket.on('close', () => process.exit(0))
}
