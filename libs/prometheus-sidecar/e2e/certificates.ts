import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Why certificates can't be created here; false if they can. */
export const OPENSSL_IS_MISSING: string | false =
  spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not in PATH (apt-get install openssl)'

/** Files of a certificate for 127.0.0.1, and of the CA that signed it. */
export interface Certificates {
  readonly caFile: string
  readonly certificateFile: string
  readonly keyFile: string
}

/** Creates a CA and a certificate for 127.0.0.1 in a folder. */
export function makeCertificates(folder: string, name: string): Certificates {
  const file = (suffix: string) => join(folder, `${name}${suffix}`)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    file('-ca.key'),
    '-out',
    file('-ca.crt'),
  )
  openssl('req', ...key, '-subj', '/CN=prometheus', '-keyout', file('.key'), '-out', file('.csr'))
  writeFileSync(file('.ext'), 'subjectAltName=IP:127.0.0.1\n')
  openssl(
    ...['x509', '-req', '-days', '2', '-in', file('.csr'), '-CA', file('-ca.crt'), '-CAkey', file('-ca.key')],
    ...['-CAcreateserial', '-extfile', file('.ext'), '-out', file('.crt')],
  )
  return { caFile: file('-ca.crt'), certificateFile: file('.crt'), keyFile: file('.key') }
}
