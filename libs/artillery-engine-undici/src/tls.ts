import type { ConnectionOptions } from 'node:tls'
import { EngineError } from './errors.ts'
import { isRecord } from './record.ts'

/** The settings of TLS connections a script can make. */
export type TlsSettings = Pick<
  ConnectionOptions,
  | 'rejectUnauthorized'
  | 'ca'
  | 'cert'
  | 'key'
  | 'pfx'
  | 'passphrase'
  | 'servername'
  | 'ciphers'
  | 'minVersion'
  | 'maxVersion'
>

/** Names that scripts use for TLS settings (Node's own, and those of Artillery's HTTP engine), by Node's name. */
const TEXT_SETTINGS = {
  ca: ['ca', 'certificateAuthority'],
  cert: ['cert', 'certificate'],
  key: ['key'],
  pfx: ['pfx'],
  passphrase: ['passphrase'],
  servername: ['servername'],
  ciphers: ['ciphers'],
  minVersion: ['minVersion'],
  maxVersion: ['maxVersion'],
} as const

const KNOWN_NAMES: ReadonlySet<string> = new Set(['rejectUnauthorized', ...Object.values(TEXT_SETTINGS).flat()])

/**
 * Reads `config.tls`: `rejectUnauthorized`, `ca`, `cert`, `key`, `pfx`, `passphrase`, `servername`, `ciphers`,
 * `minVersion`, `maxVersion`; PEM text or buffers for certificates and keys, as `tls.connect` takes them.
 *
 * @throws EngineError ERR_CONFIG for an unknown name or a value of the wrong type
 */
export function tlsOptions(setting: unknown, path: string): TlsSettings {
  if (setting === undefined || setting === null) return {}
  if (!isRecord(setting)) throw new EngineError('ERR_CONFIG', `${path} is ${JSON.stringify(setting)}: give an object`)
  for (const name of Object.keys(setting)) {
    if (!KNOWN_NAMES.has(name)) {
      throw new EngineError('ERR_CONFIG', `${path}.${name} is not known: allowed are ${[...KNOWN_NAMES].join(', ')}`)
    }
  }
  const options: Record<string, unknown> = {}
  const { rejectUnauthorized } = setting
  if (rejectUnauthorized !== undefined) {
    if (typeof rejectUnauthorized !== 'boolean') {
      throw new EngineError(
        'ERR_CONFIG',
        `${path}.rejectUnauthorized is ${JSON.stringify(rejectUnauthorized)}: give true or false`,
      )
    }
    options.rejectUnauthorized = rejectUnauthorized
  }
  for (const [nodeName, names] of Object.entries(TEXT_SETTINGS)) {
    for (const name of names) {
      const value = setting[name]
      if (value === undefined) continue
      if (!isText(value) && !(Array.isArray(value) && value.every(isText))) {
        throw new EngineError('ERR_CONFIG', `${path}.${name} is of type ${typeof value}: give text`)
      }
      options[nodeName] = value
    }
  }
  return options
}

function isText(value: unknown): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array
}
