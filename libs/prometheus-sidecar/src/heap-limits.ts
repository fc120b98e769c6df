import { setFlagsFromString } from 'node:v8'

/**
 * Keeps V8's young generation at its initial size, which the launcher sets: the sidecar shares the memory of its pod.
 * Must be imported before anything that allocates.
 */
setFlagsFromString('--semi-space-growth-factor=1')
