import { projectOfName, splitName } from '../../api/resource-name.ts'
import { invalidArgument } from '../../api/rpc-error.ts'
import { handler, type Service } from '../../api/service.ts'
import type { FieldMaskMessage } from '../resources/field-mask.ts'
import { type ListRequest, listResources } from '../resources/resource-list.ts'
import { type SnoozeMessage, snoozeCodec } from './snooze.ts'
import type { SnoozeStore } from './snooze-store.ts'

const FIELDS = { codec: snoozeCodec, filterable: ['interval.start_time', 'interval.end_time'] }

/** Cloud Monitoring's `google.monitoring.v3.SnoozeService`. */
export function snoozeService(store: SnoozeStore): Service {
  return {
    name: 'google.monitoring.v3.SnoozeService',
    handlers: {
      CreateSnooze: handler<{ parent: string; snooze?: SnoozeMessage | null }>(({ parent, snooze }) =>
        store.create(projectOfName(parent), given(snooze)),
      ),
      ListSnoozes: handler<ListRequest & { parent: string }>((request) => {
        const page = listResources(store.list(projectOfName(request.parent)), request.parent, request, FIELDS)
        return { snoozes: page.items, nextPageToken: page.nextPageToken }
      }),
      GetSnooze: handler<{ name: string }>(({ name }) => {
        splitName(name, 'snoozes')
        return store.get(name)
      }),
      UpdateSnooze: handler<{ snooze?: SnoozeMessage | null; updateMask?: FieldMaskMessage | null }>(
        ({ snooze, updateMask }) => {
          const update = given(snooze)
          return store.update(splitName(update.name, 'snoozes').projectId, update, updateMask?.paths ?? [])
        },
      ),
    },
  }
}

function given(snooze: SnoozeMessage | null | undefined): SnoozeMessage {
  if (snooze) return snooze
  throw invalidArgument('Field snooze is required.')
}
