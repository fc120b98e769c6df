export { findPeer, installPeer, PeerError } from './install-peer.ts'
export { PEERS, type Peer, type PeerName } from './peers.ts'
