import { type CallCase, created, refusedBodies, testCalls } from '../../../test/testing/call-cases.ts'

type Json = Record<string, unknown>

const CREATE = 'POST projects/demo-project/groups'
const group = (changes: Json = {}): Json => ({
  displayName: 'g',
  filter: 'resource.metadata.region=europe-west2',
  ...changes,
})

/** The rules for each field in `group.proto`, and observed responses of the real API. */
const CALLS: readonly CallCase[] = [
  {
    what: 'a name in the request is ignored',
    call: CREATE,
    body: group({ name: 'projects/demo-project/groups/mine', isCluster: true }),
    answer: { isCluster: true, parentName: undefined, filter: 'resource.metadata.region=europe-west2' },
  },
  {
    what: 'a group below another',
    call: CREATE,
    body: group({ parentName: '{group}' }),
    answer: { parentName: '{group}' },
  },
  {
    what: 'a group with validate_only is not created',
    call: `${CREATE.replace('groups', 'groups?validateOnly=true')}`,
    body: group(),
    answer: { name: undefined, displayName: 'g' },
  },
  ...refusedBodies(CREATE, [
    ['no display name', group({ displayName: '' }), /group\.display_name /],
    ['no filter', group({ filter: '' }), /group\.filter /],
    ['an invalid filter', group({ filter: '(' }), /group\.filter .*position/],
    ['a missing parent', group({ parentName: '{group}0' }), /group\.parent_name /],
    ['an unknown field', group({ colour: 'red' }), /Unknown name "colour" at 'group'/],
  ]),
  {
    what: 'an update replaces everything except the name',
    call: 'PUT {child}',
    body: group({ displayName: 'new' }),
    answer: { name: '{child}', displayName: 'new', parentName: undefined },
  },
  {
    what: 'a group can’t be its own descendant',
    call: 'PUT {group}',
    body: group({ parentName: '{child}' }),
    refused: ['INVALID_ARGUMENT', /parent_name .*its own descendant/],
  },
  {
    what: 'a missing group',
    call: 'GET projects/demo-project/groups/123',
    refused: ['NOT_FOUND', /^Could not find group definition for '123'\.$/],
  },
  {
    what: 'a group with descendants is not deleted',
    call: 'DELETE {group}',
    refused: ['FAILED_PRECONDITION', /has 1 groups below it; set recursive/],
  },
  { what: 'it is deleted with its descendants', call: 'DELETE {group}?recursive=true', answer: {} },
  {
    what: 'children',
    call: 'GET projects/demo-project/groups?childrenOfGroup={group}',
    answer: { 'group.0.name': '{child}', 'group.1': undefined },
  },
  {
    what: 'ancestors',
    call: 'GET projects/demo-project/groups?ancestorsOfGroup={child}',
    answer: { 'group.0.name': '{group}' },
  },
  {
    what: 'no ancestors',
    call: 'GET projects/demo-project/groups?ancestorsOfGroup={group}',
    answer: { group: undefined },
  },
  {
    what: 'an interval that ends before it starts',
    call: 'GET {group}/members?interval.startTime=2026-01-02T03:04:00Z&interval.endTime=2026-01-02T03:03:00Z',
    refused: ['INVALID_ARGUMENT', /interval\.start_time /],
  },
]

testCalls('groups', CALLS, async (emulator) => {
  const parent = await created(emulator, 'groups', group())
  return { group: parent, child: await created(emulator, 'groups', group({ parentName: parent })) }
})
