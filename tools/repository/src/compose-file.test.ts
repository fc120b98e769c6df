import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { repositoryRoot } from './repository-root.ts'

const folder = join(repositoryRoot, 'examples/compose')
const compose = parse(readFileSync(join(folder, 'compose.yaml'), 'utf8'))
const schema = JSON.parse(readFileSync(join(repositoryRoot, 'tools/repository/testdata/compose-spec.json'), 'utf8'))
const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema)

/** Files that the reader makes. */
const CREATED_BY_READERS = new Set(['../grafana/key.pem'])

test('compose.yaml is as the Compose Specification has it', () => {
  assert.ok(validate(compose), JSON.stringify(validate.errors))
})

test('the schema refuses a setting that it does not know', () => {
  assert.equal(validate({ services: { one: { image: 'one', comand: [] } } }), false)
})

test('what compose.yaml builds from and mounts exists, and every port is for this machine alone', () => {
  for (const [name, service] of Object.entries<Service>(compose.services)) {
    if (service.build) {
      const { context, dockerfile } = service.build
      assert.ok(existsSync(join(folder, context, dockerfile)), `${name}: ${dockerfile}`)
    }
    for (const volume of service.volumes ?? []) {
      const [source = ''] = volume.split(':')
      assert.ok(CREATED_BY_READERS.has(source) || existsSync(join(folder, source)), `${name}: ${source}`)
    }
    for (const port of service.ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/)
  }
})

interface Service {
  readonly build?: Readonly<Record<'context' | 'dockerfile', string>>
  readonly volumes?: readonly string[]
  readonly ports: readonly string[]
}
