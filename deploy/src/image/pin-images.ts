import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rootDir } from '../repository.ts'
import { lookUpDigest, parseImage } from './registry.ts'

/** Where images with a registry are named: base images of the Dockerfiles, and images of others in the manifests. */
const places: readonly { readonly files: string; readonly image: RegExp }[] = [
  { files: '{apps,libs}/*/Dockerfile', image: /^ARG \w+_IMAGE=(\S+)$/gm },
  { files: 'deploy/{base,components}/**/*.yaml', image: /^ *(?:- )?image: ([a-z0-9.-]+\.[a-z]+\/\S+)$/gm },
]

/**
 * Puts the digest that a registry gives behind the tag of every image of others. Where a registry does not answer, its images stay as they
 * are, and the exit code is 1.
 *
 * @param root - the repository's root
 * @param lookUp - gives the digest of an image, or throws
 */
export async function pinImages(root: string, lookUp: (image: string) => Promise<string>): Promise<number> {
  const found = places.flatMap(({ files, image }) =>
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
        console.log(`${tagged}: ${digest}, as before`)
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
      console.error(`${name}: left as it is; ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return failures === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = await pinImages(rootDir, (image) => lookUpDigest(parseImage(image)))
