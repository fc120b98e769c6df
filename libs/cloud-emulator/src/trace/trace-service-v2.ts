import { projectOfName } from '../api/resource-name.ts'
import { invalidField } from '../api/rpc-error.ts'
import { handler, type Service } from '../api/service.ts'
import type { SpanMessage } from './trace-v2-spans.ts'
import type { TraceWriter } from './trace-writer.ts'

/** Cloud Trace v2, which has no read methods. */
export function traceServiceV2(writer: TraceWriter): Service {
  return {
    name: 'google.devtools.cloudtrace.v2.TraceService',
    handlers: {
      BatchWriteSpans: handler<{ name: string; spans: SpanMessage[] }>(({ name, spans }) => {
        if (spans.length === 0) throw invalidField('spans', undefined, 'At least one span must be given.')
        writer.writeMessages(
          () => projectOfName(name),
          spans.map((message, index) => ({ message, field: `spans[${index}]` })),
        )
        return {}
      }),
      CreateSpan: handler<SpanMessage>((message) => {
        const projectId = /^projects\/([^/]+)\//.exec(message.name)?.[1] ?? ''
        writer.writeMessages(() => projectId, [{ message, field: 'span' }])
        return message
      }),
    },
  }
}
