import { ParseError, parseQuery, typeOf } from '@node-to-cloud/promql'
import { invalidField } from '../../api/rpc-error.ts'
import { timestampToMicros } from '../../protos/timestamp.ts'
import type { PromqlConditionMessage } from './policy.ts'

const MAX_TEXT = 2048
const INTERVAL_SECONDS = 30
const LABEL_NAME = /^[A-Za-z_]\w*$/

/** Throws INVALID_ARGUMENT with the path of the field if a condition in PromQL breaks a rule. */
export function checkPromql(condition: PromqlConditionMessage, field: string): void {
  const { query, duration, evaluationInterval, labels, ruleGroup, alertRule } = condition
  checkQuery(query, `${field}.query`)
  const seconds = duration ? timestampToMicros(duration) / 1e6 : 0
  if (seconds < 0) throw invalidField(`${field}.duration`, `${seconds}s`, 'It must not be negative.')
  const interval = evaluationInterval ? timestampToMicros(evaluationInterval) / 1e6 : INTERVAL_SECONDS
  if (interval <= 0 || interval % INTERVAL_SECONDS !== 0)
    throw invalidField(`${field}.evaluation_interval`, `${interval}s`, 'It must be a positive multiple of 30s.')
  for (const name of Object.keys(labels))
    if (!LABEL_NAME.test(name))
      throw invalidField(`${field}.labels key`, name, 'It must be a valid Prometheus label name.')
  if ([...ruleGroup].length > MAX_TEXT)
    throw invalidField(`${field}.rule_group`, ruleGroup, `At most ${MAX_TEXT} characters are allowed.`)
  if (alertRule !== '' && (!LABEL_NAME.test(alertRule) || alertRule.length > MAX_TEXT))
    throw invalidField(
      `${field}.alert_rule`,
      alertRule,
      `It must be a valid Prometheus label name of at most ${MAX_TEXT} characters.`,
    )
}

function checkQuery(query: string, field: string): void {
  if (query === '') throw invalidField(field, '', 'The query is required.')
  try {
    const type = typeOf(parseQuery(query))
    if (type === 'vector' || type === 'scalar') return
    throw invalidField(field, query, `It must return an instant vector, not a ${type}.`)
  } catch (error) {
    if (error instanceof ParseError) throw invalidField(field, query, `${error.message}.`)
    throw error
  }
}
