import { installPeer, PeerError } from './install-peer.ts'
import { isPeerName, PEERS } from './peers.ts'

const NAMES = Object.keys(PEERS).join(', ')
const HELP = `Prints the path of a program that checks are run against, building it first unless it is cached.

Usage: node tools/peers/src/main.ts NAME

  NAME       one of ${NAMES}
  -h, --help print this help

Programs are kept in PEERS_DIR (default: ~/.cache/node-to-cloud/peers).
Exit codes: 1 when the build fails, 2 for a usage error, 3 when Go or Python to build it is missing.
`

function main(args: readonly string[]): number {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(HELP)
    return 0
  }
  const [name = '', ...more] = args
  if (!isPeerName(name) || more.length > 0) {
    console.error(`peers: "${args.join(' ')}" must be one of ${NAMES}; see --help`)
    return 2
  }
  try {
    console.log(installPeer(name))
    return 0
  } catch (error) {
    if (!(error instanceof PeerError)) throw error
    console.error(`peers: ${error.message}`)
    return error.code === 'ERR_PEER_TOOLCHAIN_MISSING' ? 3 : 1
  }
}

process.exitCode = main(process.argv.slice(2))
