import type { ConnectionOptions } from 'node:tls'
import { EngineError } from '../artillery/errors.ts'
import { isRecord } from '../artillery/record.ts'

/** The TLS settings that a script can have. */
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

/** The names that scripts use for a TLS setting (Node's own and those of Artillery's HTTP engine), by Node's name. */
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
  if (!isRecord(setting)) throw new EngineError('ERR_CONFIG', `${path} is ${JSON.stringify(setting)}: use an object`)
  for (const name of Object.keys(setting)) {
    if (!KNOWN_NAMES.has(name)) {
      throw new EngineError('ERR_CONFIG', `${path}.${name} is unknown: use one of ${[...KNOWN_NAMES].join(', ')}`)
    }
  }
  return { ...rejectUnauthorizedOf(setting, path), ...textSettingsOf(setting, path) }
}

function rejectUnauthorizedOf({ rejectUnauthorized }: Record<string, unknown>, path: string): TlsSettings {
  if (rejectUnauthorized === undefined) return {}
  if (typeof rejectUnauthorized === 'boolean') return { rejectUnauthorized }
  throw new EngineError(
    'ERR_CONFIG',
    `${path}.rejectUnauthorized is ${JSON.stringify(rejectUnauthorized)}: use true or false`,
  )
}

/** The settings that are strings or buffers. An error never shows their values: some are secrets. */
function textSettingsOf(setting: Record<string, unknown>, path: string): TlsSettings {
  const options: Record<string, unknown> = {}
  for (const [nodeName, names] of Object.entries(TEXT_SETTINGS)) {
    for (const name of names) {
      const value = setting[name]
      if (value === undefined) continue
      if (!isText(value) && !(Array.isArray(value) && value.every(isText))) {
        throw new EngineError('ERR_CONFIG', `${path}.${name} is of type ${typeof value}: use a string`)
      }
      options[nodeName] = value
    }
  }
  return options
}

function isText(value: unknown): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array
}
