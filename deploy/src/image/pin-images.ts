import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, type ProgramSpec, packageVersion, readCommandLine, runMain } from '@node-to-cloud/command-line'
import { rootDir } from '../repository.ts'
import { lookUpDigest, parseImage } from './registry.ts'

const PROGRAM = {
  name: 'pin-images',
  calledAs: 'npm run pin-images --',
  version: packageVersion(import.meta.url),
  summary: 'Append the current digest to the tag of every third-party image in Dockerfiles and manifests',
} as const satisfies ProgramSpec

/** Where third-party images are named: base images of the Dockerfiles, and images in the manifests. */
const PLACES: readonly { readonly files: string; readonly image: RegExp }[] = [
  { files: '{apps,libs}/*/Dockerfile', image: /^ARG \w+_IMAGE=(\S+)$/gm },
  { files: 'deploy/{base,components}/**/*.yaml', image: /^ *(?:- )?image: ([a-z0-9.-]+\.[a-z]+\/\S+)$/gm },
]

/**
 * Appends the current digest to the tag of every third-party image. Images whose registry does not answer are left unchanged, and the
 * exit code is 1.
 *
 * @param root - the repository's root
 * @param lookUp - returns the digest of an image, or throws
 */
export async function pinImages(root: string, lookUp: (image: string) => Promise<string>): Promise<number> {
  const found = PLACES.flatMap(({ files, image }) =>
    globSync(files, { cwd: root }).flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8')
      return [...text.matchAll(image)].map(([, name = '']) => ({ file, name }))
    }),
  )
  let failures = 0
  for (const name of new Set(found.map((place) => place.name))) {
    const files = [...new Set(found.filter((place) => place.name === name).map((place) => place.file))]
    try {
      const { registry, repository, tag, digest } = parseImage(name)
      const tagged = `${registry}/${repository}:${tag}`
      const current = await lookUp(tagged)
      if (current === digest) {
        console.log(`${tagged}: ${digest}, unchanged`)
        continue
      }
      for (const file of files) {
        const text = readFileSync(join(root, file), 'utf8')
        const pinned = text
          .split('\n')
          .map((line) => (line.endsWith(name) ? `${line.slice(0, -name.length)}${tagged}@${current}` : line))
        writeFileSync(join(root, file), pinned.join('\n'))
      }
      console.log(`${tagged}: ${current} in ${files.join(', ')}`)
    } catch (error) {
      failures += 1
      console.error(`${name}: left unchanged: ${messageOf(error)}`)
    }
  }
  return failures === 0 ? 0 : 1
}

if (import.meta.main) {
  runMain('pin-images', async () => {
    const line = readCommandLine(PROGRAM)
    if (line.kind === 'information') process.stdout.write(line.text)
    else process.exitCode = await pinImages(rootDir, (image) => lookUpDigest(parseImage(image)))
  })
}
