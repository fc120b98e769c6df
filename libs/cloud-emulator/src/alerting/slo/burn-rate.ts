import { RpcError } from '../../api/rpc-error.ts'
import type { Measure } from '../evaluation/measurement.ts'
import type { SloSelector } from '../policies/slo-selector.ts'
import { type SliSource, servedIn } from './sli-ratio.ts'
import type { SloStore } from './slo-store.ts'

/**
 * The burn rate of an objective's error budget, looking back from a time: the fraction of bad service over the allowed
 * fraction. A burn rate of 1 consumes the budget in exactly the objective's period.
 */
export function measureBurnRate(selector: SloSelector, slos: SloStore, source: SliSource): Measure {
  const { slo: name, lookbackMicros } = selector
  return (atMicros) => {
    const slo = slos.findSlo(name)
    if (!slo?.serviceLevelIndicator)
      throw new RpcError('NOT_FOUND', `The service-level objective ${name} no longer exists.`)
    const span = { endMicros: atMicros, lengthMicros: lookbackMicros }
    const { good, total } = servedIn(slo.serviceLevelIndicator, source, span)
    if (total === 0) return { selected: 0, series: [] }
    const identity = { metricType: 'select_slo_burn_rate', metricLabels: {}, resourceType: '', resourceLabels: {} }
    return { selected: 1, series: [{ ...identity, key: name, value: (1 - good / total) / (1 - slo.goal) }] }
  }
}
