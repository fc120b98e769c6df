import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderDocumentation, renderTemplate } from './documentation-template.ts'

const VALUES = {
  project: 'p',
  policy: { name: 'projects/p/alertPolicies/1', displayName: 'Too high', userLabels: { team: 'a' } },
  condition: { name: 'c', displayName: 'above one' },
  metric: { type: 'a.b/c', displayName: 'Level', labels: { code: '5' } },
  resource: { type: 'k8s_container', labels: { pod_name: 'x-1', project_id: 'q' } },
}

// `%` stands for `$`, with which these would look like templates of the test itself.
for (const [text, rendered] of [
  ['%{policy.display_name}: %{condition.display_name} in %{project}', 'Too high: above one in p'],
  ['%{metric.display_name} of %{resource.label.pod_name}, %{metric.label.code}', 'Level of x-1, 5'],
  ['%{resource.labels.pod_name} %{metric_or_resource.label.code}', 'x-1 5'],
  ['%{policy.user_label.team} %{resource.project}', 'a q'],
  ['%{metric.label.none} %{metadata.user_label.x}', '(none) (none)'],
  ['%%{metric.type} %{unknown.thing} %{', '%{metric.type} %{unknown.thing} %{'],
  ['%{resource.labels}', '{pod_name=x-1, project_id=q}'],
] as const)
  test(text, () => assert.equal(renderTemplate(text.replaceAll('%', '$'), VALUES), rendered.replaceAll('%', '$')))

test('a subject has at most 255 bytes, and whole characters', () => {
  const documentation = { content: 'x', mimeType: '', subject: 'é'.repeat(200), links: [] }
  const { subject, mimeType } = renderDocumentation(documentation, VALUES)
  assert.equal(subject, 'é'.repeat(127))
  assert.equal(mimeType, 'text/markdown')
})
