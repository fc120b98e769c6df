import { RpcError } from '../../api/rpc-error.ts'

/** The resources of one kind in all projects, by name, in the order of their creation. */
export class ResourceTable<T extends { readonly name: string }> {
  readonly #byName = new Map<string, T>()
  readonly #limit: number
  readonly #plural: string
  readonly #notFound: (name: string) => string

  /** `notFound` returns the message for an unknown name. */
  constructor(options: { limit: number; plural: string; notFound?: (name: string) => string }) {
    this.#limit = options.limit
    this.#plural = options.plural
    this.#notFound = options.notFound ?? (() => 'Requested entity was not found.')
  }

  get size(): number {
    return this.#byName.size
  }

  all(): Iterable<T> {
    return this.#byName.values()
  }

  /** The resources whose names begin with `PARENT/COLLECTION/`. */
  below(prefix: string): T[] {
    return [...this.#byName.values()].filter(({ name }) => name.startsWith(prefix))
  }

  find(name: string): T | undefined {
    return this.#byName.get(name)
  }

  /** Throws NOT_FOUND. */
  get(name: string): T {
    const found = this.#byName.get(name)
    if (!found) throw new RpcError('NOT_FOUND', this.#notFound(name))
    return found
  }

  /** Throws ALREADY_EXISTS, or RESOURCE_EXHAUSTED if there are too many. */
  add(resource: T): T {
    const { name } = resource
    if (this.#byName.has(name)) throw new RpcError('ALREADY_EXISTS', `Resource '${name}' already exists.`)
    if (this.#byName.size >= this.#limit)
      throw new RpcError('RESOURCE_EXHAUSTED', `There are already ${this.#limit} ${this.#plural}.`)
    this.#byName.set(name, resource)
    return resource
  }

  replace(resource: T): T {
    this.#byName.set(resource.name, resource)
    return resource
  }

  /** Throws NOT_FOUND. */
  delete(name: string): T {
    const deleted = this.get(name)
    this.#byName.delete(name)
    return deleted
  }

  clear(): void {
    this.#byName.clear()
  }
}
