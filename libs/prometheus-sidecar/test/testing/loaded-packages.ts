import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const CONDITIONS = '--conditions=@node-to-cloud/source'

/**
 * Runs a module's code in a process of its own, and returns the npm packages from which it loaded CommonJS modules,
 * such as Google's client and gRPC.
 *
 * @param code - an ES module
 * @param near - the URL of a file to resolve the relative imports in `code` against
 */
export async function loadedPackages(code: string, near: string): Promise<string[]> {
  const report = `
    const { createRequire } = await import('node:module')
    const { cache } = createRequire(${JSON.stringify(near)})
    console.log(JSON.stringify(Object.keys(cache)))`
  const args = [CONDITIONS, '--input-type=module', '--eval', `${code}\n${report}`]
  const cwd = fileURLToPath(new URL('.', near))
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd })
  const files: unknown = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  if (!Array.isArray(files)) throw new TypeError('the process reported no list of modules')
  const names = files.map((file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(String(file))?.[1] ?? '')
  return [...new Set(names)].filter((name) => name !== '').sort()
}
