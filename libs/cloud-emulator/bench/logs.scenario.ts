import type { Scenario } from '@node-to-cloud/bench'
import { emulatorCommand, file, measureWrites } from './measure-writes.ts'

/** What one CPU must accept while the logs page is open. */
const ENTRIES_PER_SECOND = 20_000

const emulator = (page: boolean) => () =>
  measureWrites({
    command: emulatorCommand,
    ready: '/api/summary',
    count: (answer) => {
      const { entriesAccepted }: { entriesAccepted: number } = JSON.parse(answer)
      return entriesAccepted
    },
    load: ({ http }) => [
      [file('load/write-logs.ts'), String(http)],
      ...(page ? [[file('load/open-logs-page.ts'), String(http)]] : []),
    ],
  })

export const scenario: Scenario = {
  name: 'cloud-emulator-logs',
  description:
    'Log records that the emulator accepts per CPU-second by OTLP over HTTP (protobuf), 500 per request, each with a message, three attributes and a trace; also while the logs page is open. The target is 20,000 per CPU-second.',
  unit: 'entries/CPU-second',
  baseline: 'the target',
  variants: [
    { name: 'the target', measure: async () => ENTRIES_PER_SECOND },
    { name: 'emulator', measure: emulator(false) },
    { name: 'emulator, page open', measure: emulator(true) },
  ],
  bounds: [{ variant: 'emulator, page open', atLeast: 1 }],
}
