import type { TextMapPropagator } from '@opentelemetry/api'
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import type { PropagatorName } from '../../process/telemetry-environment.ts'
import { B3Propagator } from './b3-propagator.ts'

/** The propagators of OTEL_PROPAGATORS as one; `null` if there are none, as the SDK expects. */
export function createPropagator(names: readonly PropagatorName[]): TextMapPropagator | null {
  return names.length === 0 ? null : new CompositePropagator({ propagators: names.map(create) })
}

function create(name: PropagatorName): TextMapPropagator {
  switch (name) {
    case 'tracecontext':
      return new W3CTraceContextPropagator()
    case 'baggage':
      return new W3CBaggagePropagator()
    case 'b3':
      return new B3Propagator('single')
    case 'b3multi':
      return new B3Propagator('multi')
  }
}
