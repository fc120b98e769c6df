/** An image of this project as the cluster has it. */
export interface ImageReference {
  /** The name in the manifests, such as `flask-app`. */
  readonly name: string
  /** Where the cluster finds it, such as `registry.example/p/flask-app`. */
  readonly newName: string
  readonly newTag: string
}

/** A tag is after the last colon, unless that belongs to a registry's port. */
const IMAGE = /^((?:.*\/)?([a-z0-9._-]+)):([\w][\w.-]*)$/

/**
 * Parses an image: `flask-app:1` or `registry.example/p/flask-app:1`. The part before the tag names the project.
 *
 * @throws TypeError when there is no tag
 */
export function parseImageReference(text: string): ImageReference {
  const [, newName, name, newTag] = IMAGE.exec(text) ?? []
  if (newName === undefined || name === undefined || newTag === undefined) {
    throw new TypeError(`"${text}" must be an image with a tag, such as registry.example/p/flask-app:1`)
  }
  return { name, newName, newTag }
}

/** The `images` of a kustomization that puts these in place of the names in the manifests. */
export function imagesOfKustomization(images: readonly ImageReference[]): readonly ImageReference[] {
  return images.map(({ name, newName, newTag }) => ({ name, newName, newTag }))
}
