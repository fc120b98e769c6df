import { spawn, spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { rootDir } from '../repository.ts'
import { buildPlatform, findBuildTool } from './build-tool.ts'

/**
 * Builds a project's image, named after the project: `build-image.ts apps/flask-app [BUILD OPTION …]`, such as
 * `--build-arg RUNTIME_IMAGE=…`, `--tag registry/name:tag` or `--platform linux/arm64`.
 */
async function main([folder, ...args]: readonly string[]): Promise<number> {
  if (folder === undefined) {
    console.error('usage: build-image.ts FOLDER [BUILD OPTION …], for example build-image.ts apps/flask-app')
    return 2
  }
  const name = basename(folder)
  const folders = globSync('{apps,libs}/*/Dockerfile', { cwd: rootDir }).map(dirname)
  if (!folders.includes(folder)) {
    console.error(`build-image.ts: "${folder}" has no Dockerfile; allowed: ${folders.sort().join(', ')}`)
    return 2
  }
  try {
    const { program, args: build } = findBuildTool()
    const { version } = JSON.parse(readFileSync(join(rootDir, folder, 'package.json'), 'utf8'))
    const all = [
      ...build,
      ...['--file', `${folder}/Dockerfile`, '--tag', name],
      ...['--build-arg', `VERSION=${version}`, '--build-arg', `REVISION=${revision()}`],
      ...(program === 'docker' ? [] : ['--build-arg', `BUILDPLATFORM=${buildPlatform()}`]),
      ...args,
      '.',
    ]
    console.log(`${program} ${all.join(' ')}`)
    const child = spawn(program, all, { cwd: rootDir, stdio: 'inherit' })
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', resolve)
    })
    if (code === 0) return 0
    console.error(`container ${name}: ${program} exited with ${code}`)
  } catch (error) {
    console.error(`container ${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return 1
}

/** The commit, with `-dirty` appended when files differ from it. */
function revision(): string {
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'], {
    cwd: rootDir,
    encoding: 'utf8',
  })
  return status === 0 ? stdout.trim() : 'unknown'
}

process.exitCode = await main(process.argv.slice(2))
