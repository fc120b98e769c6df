import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { Summary } from '../../contract/summary.ts'
import type { AppContext } from './app-context.ts'
import { codeBlock, emptyState, otherProjects, otlpExample, writerExample } from './empty-state.ts'

const ENDPOINTS = { http: '127.0.0.1:9085', grpc: '127.0.0.1:9086' }
// They use only these parts of it.
const summary = (changes: object): Summary =>
  ({ project: 'p', projects: [], endpoints: ENDPOINTS, ...changes }) as unknown as Summary

describe('what to run', () => {
  test('has the ports of this emulator, or the default ones', () => {
    assert.match(writerExample(summary({})), /port: 9086,[\s\S]*name: 'projects\/p'/)
    assert.match(writerExample(undefined), /port: 8086,[\s\S]*name: 'projects\/demo-project'/)
    assert.match(otlpExample(summary({})), /^OTEL_TRACES_EXPORTER=otlp[\s\S]*:9085 /)
    assert.match(
      otlpExample(summary({ endpoints: { ...ENDPOINTS, otlpHttp: 'h:4318' } }), 'logs'),
      /^OTEL_LOGS[\s\S]*:4318 /,
    )
    assert.match(otlpExample(undefined), /:8085 /)
  })
  test('is under a title, with a button that copies it', () => {
    const view = emptyState('Nothing here', codeBlock('run me'))
    assert.equal(textOf(view), 'Nothing here run me')
    assert.match(markupOf(view), /\.textContent=Copy/)
  })
})

describe('other projects with data', () => {
  const shown = (one: Summary | undefined): string => {
    const app: Pick<AppContext, 'summary' | 'link'> = { summary: () => one, link: (page) => `#/${page}` }
    // The links use only these parts of it.
    return textOf(otherProjects(app as AppContext, 'metrics'))
  }
  test('are linked', () =>
    assert.equal(
      shown(summary({ projects: ['p', 'q', 'r'] })),
      'This is the project p. Other projects have data: q, r.',
    ))
  test('are omitted if there are none', () => {
    assert.equal(shown(summary({ projects: ['p'] })), '')
    assert.equal(shown(undefined), '')
  })
})
