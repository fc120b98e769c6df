import { randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The token that UI, REST and workers need, and where it is from. */
export interface AccessToken {
  readonly value: string
  /** A file, or the variable that holds it. */
  readonly source: string
}

export interface TokenOptions {
  readonly token?: string | undefined
  readonly tokenFile?: string | undefined
  readonly stateDirectory: string
}

/** A token that can't be used; the process exits with 2. */
export class TokenError extends Error {
  readonly code = 'BAD_TOKEN'
  readonly exitCode = 2
}

const shortestToken = 16

/**
 * The token given by variable or file; else the one that was made here before; else a new one, kept in a file that
 * only its owner can read.
 *
 * @throws TokenError for a token that is too short, and for a file that can't be read or written.
 */
export function resolveToken(options: TokenOptions): AccessToken {
  const { token, tokenFile } = options
  if (token !== undefined) return { value: checked(token, 'LOAD_TOKEN'), source: 'LOAD_TOKEN' }
  if (tokenFile !== undefined) return { value: checked(read(tokenFile), tokenFile), source: tokenFile }
  const file = join(options.stateDirectory, 'token')
  const known = readIfThere(file)
  if (known !== undefined) {
    keepPrivate(file)
    return { value: checked(known, file), source: file }
  }
  const value = randomBytes(24).toString('base64url')
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, `${value}\n`, { mode: 0o600, flag: 'wx' })
    chmodSync(file, 0o600)
  } catch (error) {
    const other = readIfThere(file)
    if (other !== undefined) return { value: checked(other, file), source: file }
    throw new TokenError(`the token can't be kept in ${file}: ${messageOf(error)}; set LOAD_STATE_DIR or LOAD_TOKEN`)
  }
  return { value, source: file }
}

/** Compares without telling by time how much is right. */
export function isToken(candidate: string | undefined, token: string): boolean {
  if (candidate === undefined) return false
  const given = Buffer.from(candidate)
  const wanted = Buffer.from(token)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function checked(value: string, source: string): string {
  const trimmed = value.trim()
  if (trimmed.length < shortestToken || !/^[\x21-\x7e]+$/.test(trimmed)) {
    throw new TokenError(
      `the token of ${source} can't be used; it must have at least ${shortestToken} visible ASCII characters`,
    )
  }
  return trimmed
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new TokenError(`the token can't be read: ${messageOf(error)}`)
  }
}

/** A file that was copied or restored may have become readable for others. */
function keepPrivate(file: string): void {
  if ((statSync(file).mode & 0o077) === 0) return
  try {
    chmodSync(file, 0o600)
  } catch (error) {
    throw new TokenError(`the token in ${file} can be read by others: ${messageOf(error)}; chmod 600 it`)
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
