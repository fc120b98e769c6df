import { invalidField, RpcError } from '../../api/rpc-error.ts'
import { compileFilter, type FilterPredicate } from '../../monitoring/filter/evaluate-filter.ts'
import { FilterError } from '../../monitoring/filter/filter-error.ts'
import { parseFilter } from '../../monitoring/filter/parse-filter.ts'
import { messageCodec } from '../../protos/registry.ts'
import { ResourceIds } from '../resources/resource-ids.ts'
import { ResourceTable } from '../resources/resource-table.ts'

/** `google.monitoring.v3.Group`. */
export interface GroupMessage {
  name: string
  displayName: string
  parentName: string
  filter: string
  isCluster: boolean
}

const MAX_GROUPS = 500
const MAX_DEPTH = 50
const groupCodec = messageCodec<GroupMessage>('google.monitoring.v3.Group')

/** The groups of all projects. */
export class GroupStore {
  readonly #table = new ResourceTable<GroupMessage>({
    limit: MAX_GROUPS,
    plural: 'groups',
    notFound: (name) => `Could not find group definition for '${name.split('/')[3] ?? ''}'.`,
  })
  readonly #ids = new ResourceIds('groups')

  list(projectId: string): GroupMessage[] {
    return this.#table.below(`projects/${projectId}/groups/`)
  }

  find(name: string): GroupMessage | undefined {
    return this.#table.find(name)
  }

  /** Throws NOT_FOUND. */
  get(name: string): GroupMessage {
    return this.#table.get(name)
  }

  clear(): void {
    this.#table.clear()
    this.#ids.clear()
  }

  /** Throws INVALID_ARGUMENT or RESOURCE_EXHAUSTED. */
  create(projectId: string, group: GroupMessage, { validateOnly }: { validateOnly: boolean }): GroupMessage {
    this.#check(projectId, group)
    if (validateOnly) return group
    // A name in the request is ignored.
    return this.#table.add(copyGroup(group, { name: `projects/${projectId}/groups/${this.#ids.next()}` }))
  }

  /** Throws INVALID_ARGUMENT or NOT_FOUND. */
  update(projectId: string, group: GroupMessage, { validateOnly }: { validateOnly: boolean }): GroupMessage {
    this.#table.get(group.name)
    this.#check(projectId, group)
    if (group.parentName === group.name || this.ancestors(group.parentName).some(({ name }) => name === group.name))
      throw invalidField('group.parent_name', group.parentName, 'A group cannot be its own descendant.')
    return validateOnly ? group : this.#table.replace(copyGroup(group, {}))
  }

  /** Throws NOT_FOUND, or FAILED_PRECONDITION if the group has descendants and `recursive` is not set. */
  delete(projectId: string, name: string, { recursive }: { recursive: boolean }): void {
    this.#table.get(name)
    const below = this.descendants(projectId, name)
    if (below.length > 0 && !recursive)
      throw new RpcError(
        'FAILED_PRECONDITION',
        `The group ${name} has ${below.length} groups below it; set recursive to delete them too.`,
      )
    for (const group of below) this.#table.delete(group.name)
    this.#table.delete(name)
  }

  children(projectId: string, name: string): GroupMessage[] {
    return this.list(projectId).filter(({ parentName }) => parentName === name)
  }

  descendants(projectId: string, name: string): GroupMessage[] {
    return this.children(projectId, name).flatMap((child) => [child, ...this.descendants(projectId, child.name)])
  }

  /** The group and its ancestors, starting with the group itself. */
  ancestors(name: string): GroupMessage[] {
    const found: GroupMessage[] = []
    let group = this.#table.find(name)
    while (group && found.length < MAX_DEPTH) {
      found.push(group)
      group = this.#table.find(group.parentName)
    }
    return found
  }

  /** Whether a resource is in the group: its filter and those of all ancestors match. Throws NOT_FOUND. */
  matcherOf(name: string): FilterPredicate {
    this.#table.get(name)
    const all = this.ancestors(name).map(({ filter }) => readGroupFilter(filter, 'group.filter'))
    return (subject) => all.every((matches) => matches(subject))
  }

  #check(projectId: string, { displayName, filter, parentName }: GroupMessage): void {
    if (displayName === '') throw invalidField('group.display_name', '', 'The display name is required.')
    if (filter === '') throw invalidField('group.filter', '', 'The filter is required.')
    readGroupFilter(filter, 'group.filter')
    if (parentName === '') return
    if (!parentName.startsWith(`projects/${projectId}/groups/`) || !this.#table.find(parentName))
      throw invalidField('group.parent_name', parentName, 'There is no such group in the project.')
    if (this.ancestors(parentName).length >= MAX_DEPTH)
      throw invalidField('group.parent_name', parentName, `Groups can be at most ${MAX_DEPTH} deep.`)
  }
}

/** Parses a filter on resources. `resource.metadata.KEY` is an older form of `metadata.system_labels.KEY`. */
export function readGroupFilter(text: string, field: string): FilterPredicate {
  try {
    return compileFilter(parseFilter(text.replace(/\bresource\.metadata\.(?:tag\.)?/g, 'metadata.system_labels.')))
  } catch (error) {
    if (error instanceof FilterError) throw invalidField(field, text, `${error.message}.`)
    throw error
  }
}

function copyGroup(group: GroupMessage, changes: Partial<GroupMessage>): GroupMessage {
  const copy = groupCodec.type.create({ ...group, ...changes }) as object as GroupMessage
  return groupCodec.decode(groupCodec.encode(copy))
}
