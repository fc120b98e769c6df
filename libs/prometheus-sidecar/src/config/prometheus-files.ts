import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { messageOf } from '@node-to-cloud/command-line'
import type { PrometheusFlags } from './flags.ts'

/** Checks the files with credentials and certificates for Prometheus. Returns the problems, each with its flag. */
export async function checkPrometheusFiles(flags: PrometheusFlags): Promise<string[]> {
  const problems: string[] = []
  const read = async (flag: string, file: string): Promise<string | undefined> => {
    if (file === '') return undefined
    try {
      const text = await readFile(file, 'utf8')
      if (text.trim() !== '') return text
      problems.push(`--prometheus.${flag}: ${file} is empty`)
    } catch (cause) {
      problems.push(`--prometheus.${flag}: ${file} can't be read (${messageOf(cause)})`)
    }
    return undefined
  }
  await read('password-file', flags.passwordFile)
  await read('bearer-token-file', flags.bearerTokenFile)
  const certificates = await read('ca-file', flags.caFile)
  if (certificates !== undefined && !isCertificate(certificates)) {
    problems.push(
      `--prometheus.ca-file: ${flags.caFile} contains no certificate in PEM format (-----BEGIN CERTIFICATE-----)`,
    )
  }
  return problems
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}
