import { execFileSync } from 'node:child_process'
import type { Installation } from '../../installation.ts'
import { ROOT_DIR } from '../../repository.ts'
import { expect, type Step } from '../../step.ts'
import { READY_MS, until } from '../../wait.ts'
import { gkeNodes } from './gke-nodes.ts'

/** The image of each container of this project. */
const IMAGE_OF: Readonly<Record<string, string>> = {
  'cloud-emulator': 'cloud-emulator',
  'custom-metrics-example': 'custom-metrics-example',
  'flask-app-tutorial': 'flask-app',
  'loadtester-master': 'loadtester',
  'prometheus-sidecar': 'prometheus-sidecar',
}

/** What the kubelets run, by the images' digests, as `NAME=REFERENCE`. */
async function digestsOf(installation: Installation): Promise<string[]> {
  const pods = await installation.pods()
  const references = new Map<string, string>()
  for (const { name, imageID } of pods.flatMap(({ status }) => status.containerStatuses ?? [])) {
    const image = IMAGE_OF[name]
    if (image !== undefined && /@sha256:[0-9a-f]{64}$/.test(imageID)) references.set(image, imageID)
  }
  return [...references].map(([name, reference]) => `${name}=${reference}`)
}

/** Google's APIs can't be reached, so only Prometheus of its pod becomes ready. */
async function applied(installation: Installation): Promise<void> {
  const { kubectl } = installation
  for (const name of ['flask-app-tutorial', 'custom-metrics-example', 'loadtester-master', 'loadtester-worker']) {
    await kubectl.run(['rollout', 'status', `deployment/${name}`, '--timeout=180s'], { timeoutMs: READY_MS + 5000 })
  }
  await until('Prometheus is ready', READY_MS, async () => {
    const statuses = (await installation.pods('prometheus-k8s')).flatMap(({ status }) => status.containerStatuses ?? [])
    return statuses.some(({ name, ready }) => name === 'prometheus' && ready) ? true : undefined
  })
}

const installManifest: Step = {
  name: 'install.yaml of a release, with digests of these images, by one `kubectl apply -f`',
  short: false,
  async run({ installation, another }) {
    const images = await digestsOf(installation)
    const expected = new Set(Object.values(IMAGE_OF)).size
    if (images.length < expected) return `skipped: the nodes know digests of ${images.length} of ${expected} images`
    const script = ['run', '--silent', 'release', '--', 'manifest', ...images.map((image) => `--image=${image}`)]
    const input = execFileSync('npm', script, { cwd: ROOT_DIR, encoding: 'utf8', maxBuffer: 64 << 20 })
    const second = another()
    return gkeNodes.during(second, async () => {
      await second.create()
      await second.kubectl.run(['apply', '--filename', '-'], { input })
      await applied(second)
      const byDigest = await digestsOf(second)
      const others = byDigest.filter((image) => !images.includes(image))
      expect(byDigest.length > 0 && others.length === 0, `other images run: ${others.join(', ')}`)
      return `${byDigest.length} images by digest, ${(await second.pods()).length} pods`
    })
  },
}

export const releaseManifestSteps: readonly Step[] = [installManifest]
