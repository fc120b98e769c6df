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

// `%` is used for `$`, with which these would look like templates of the test itself.
for (const [text, rendered] of [
  ['%{policy.display_name}: %{condition.display_name} in %{project}', 'Too high: above one in p'],
  ['%{metric.display_name} of %{resource.label.pod_name}, %{metric.label.code}', 'Level of x-1, 5'],
  ['%{resource.labels.pod_name} %{metric_or_resource.label.code}', 'x-1 5'],
  ['%{policy.user_label.team} %{resource.project}', 'a q'],
  ['%{metric.label.none} %{metadata.user_label.x}', '(none) (none)'],
  ['%{metadata.system_label.x} %{log.extracted_label.y} %{unknown.thing}', '(none) (none) (none)'],
  ['%%{metric.type} %{ %{}', '%{metric.type} %{ %{}'],
  ['%{resource.labels} %{metric.labels}', '{pod_name=x-1, project_id=q} {code=5}'],
  ['%{metric_or_resource.labels}', '{pod_name=x-1, project_id=q, code=5}'],
  ['%{policy.user_labels} %{policy.name} %{condition.name}', '{team=a} projects/p/alertPolicies/1 c'],
  ['%{metric.type} %{resource.type}', 'a.b/c k8s_container'],
] as const)
  test(text, () => assert.equal(renderTemplate(text.replaceAll('%', '$'), VALUES), rendered.replaceAll('%', '$')))

test('a subject has at most 255 bytes, and whole characters', () => {
  const documentation = { content: 'x', mimeType: '', subject: 'é'.repeat(200), links: [] }
  const { subject, mimeType } = renderDocumentation(documentation, VALUES)
  assert.equal(subject, 'é'.repeat(127))
  assert.equal(mimeType, 'text/markdown')
})

test('a link whose address is too long is left out', () => {
  const links = [
    { displayName: 'playbook', url: 'https://example.com/%{policy.display_name}'.replace('%', '$') },
    { displayName: 'long', url: `https://example.com/${'%{policy.name}'.replace('%', '$').repeat(100)}` },
  ]
  const rendered = renderDocumentation({ content: '', mimeType: '', subject: '', links }, VALUES)
  assert.deepEqual(rendered.links, [{ displayName: 'playbook', url: 'https://example.com/Too high' }])
})
