import { randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf } from '@node-to-cloud/command-line'

/** The token that console, REST and workers need. */
export interface AccessToken {
  readonly value: string
  /** The file or variable it comes from. */
  readonly source: string
}

/** The variables that set the token. */
export interface TokenEnvironment {
  readonly LOAD_TOKEN?: string | undefined
  readonly LOAD_TOKEN_FILE?: string | undefined
  readonly LOAD_STATE_DIR: string
}

/** A token that can't be used; the process exits with 2. */
export class TokenError extends Error {
  readonly code = 'ERR_TOKEN'
  readonly exitCode = 2
}

const MIN_LENGTH = 16

/**
 * The token given by a variable or a file, else the one generated earlier, else a new one; a generated token is kept in a
 * file that only its owner can read.
 *
 * @throws TokenError for a token that is too short, and a file that can't be read or written.
 */
export function resolveToken(environment: TokenEnvironment): AccessToken {
  const { LOAD_TOKEN: token, LOAD_TOKEN_FILE: tokenFile, LOAD_STATE_DIR: directory } = environment
  if (token !== undefined) return checked(token, 'LOAD_TOKEN')
  if (tokenFile !== undefined) return checked(read(tokenFile), tokenFile)
  const file = join(directory, 'token')
  const known = readIfPresent(file)
  if (known !== undefined) {
    keepPrivate(file)
    return checked(known, file)
  }
  const value = randomBytes(24).toString('base64url')
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, `${value}\n`, { mode: 0o600, flag: 'wx' })
    chmodSync(file, 0o600)
  } catch (error) {
    const other = readIfPresent(file)
    if (other !== undefined) return checked(other, file)
    throw new TokenError(`the token can't be stored in ${file}: ${messageOf(error)}; set LOAD_STATE_DIR or LOAD_TOKEN`)
  }
  return { value, source: file }
}

/** Compares in constant time. */
export function isToken(candidate: string | undefined, token: string): boolean {
  if (candidate === undefined) return false
  const given = Buffer.from(candidate)
  const wanted = Buffer.from(token)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function checked(text: string, source: string): AccessToken {
  const value = text.trim()
  if (value.length < MIN_LENGTH || !/^[\x21-\x7e]+$/.test(value)) {
    throw new TokenError(
      `the token in ${source} can't be used; it must have at least ${MIN_LENGTH} visible ASCII characters`,
    )
  }
  return { value, source }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new TokenError(`the token can't be read: ${messageOf(error)}`)
  }
}

/** A file that was copied or restored may have become readable by others. */
function keepPrivate(file: string): void {
  if ((statSync(file).mode & 0o077) === 0) return
  try {
    chmodSync(file, 0o600)
  } catch (error) {
    throw new TokenError(`others can read the token in ${file}: ${messageOf(error)}; run chmod 600 on it`)
  }
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
