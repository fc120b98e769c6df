import { invalidField } from '../api/rpc-error.ts'
import type { ConditionSources } from './evaluation/compile-condition.ts'
import { PolicyEvaluation } from './evaluation/policy-evaluation.ts'
import { TimeSlices } from './evaluation/time-slices.ts'
import type { Incident } from './incidents/incident.ts'
import { IncidentLog, incidentKey } from './incidents/incident-log.ts'
import { newIncident } from './incidents/new-incident.ts'
import { type AlertPolicyMessage, copyPolicy } from './policies/policy.ts'

const STEP_MICROS = 30e6
const MAX_EVALUATIONS = 20_160

/** What a policy would have done. */
export interface PolicyTest {
  /** Oldest first. */
  readonly incidents: readonly Incident[]
  readonly evaluations: number
  readonly selected: readonly number[]
}

/** Evaluates a policy over stored data, every 30 s of a past time range. Rejects with INVALID_ARGUMENT. */
export async function testPolicy(
  policy: AlertPolicyMessage,
  sources: ConditionSources,
  interval: { fromMicros: number; toMicros: number },
): Promise<PolicyTest> {
  // The same times at which policies are evaluated: full and half minutes.
  const fromMicros = Math.floor(interval.fromMicros / STEP_MICROS) * STEP_MICROS
  const toMicros = Math.floor(interval.toMicros / STEP_MICROS) * STEP_MICROS
  const evaluations = Math.floor((toMicros - fromMicros) / STEP_MICROS)
  if (evaluations < 1 || evaluations > MAX_EVALUATIONS)
    throw invalidField(
      'startTime',
      undefined,
      `From 30 s to ${(MAX_EVALUATIONS * STEP_MICROS) / 86_400e6} days can be tested.`,
    )
  const { store, projectId } = sources
  const metric = (type: string) => store.projects.get(projectId)?.descriptors.get(type)
  const name = `projects/${projectId}/alertPolicies/test`
  const named = copyPolicy(policy, {
    name,
    enabled: { value: true },
    conditions: policy.conditions.map((one, index) => ({ ...one, name: `${name}/conditions/${index}` })),
  })
  const evaluation = new PolicyEvaluation(named, sources)
  const log = new IncidentLog(() => {})
  const slices = new TimeSlices()
  for (let step = 1; step <= evaluations; step++) {
    const atMicros = fromMicros + step * STEP_MICROS
    const violations = await evaluation.evaluate(atMicros)
    if (!violations || evaluation.invalidity)
      throw invalidField('policy', undefined, evaluation.invalidity?.message ?? 'It cannot be evaluated.')
    const open = log.openOf(name)
    const wanted = new Set(violations.map((one) => incidentKey(one.condition.name, one.seriesKey)))
    for (const [key, incident] of [...open])
      if (!wanted.has(key)) log.close(incident, atMicros, 'condition no longer met')
    for (const violation of violations)
      if (!open.has(incidentKey(violation.condition.name, violation.seriesKey)))
        log.open(newIncident(violation, named, { projectId, atMicros, metric }))
    await slices.pass()
  }
  return { incidents: log.list(projectId).reverse(), evaluations, selected: evaluation.selected }
}
