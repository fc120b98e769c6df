import type { Scenario } from '@node-to-cloud/bench'
import { emulatorCommand, file, measureWrites, type Ports } from './measure-writes.ts'

const SERIES = 10_000
/** What one CPU must accept while the UI is open. */
const POINTS_PER_SECOND = 20_000

const writer = ({ grpc }: Ports): readonly string[] => [file('load/write-metrics.ts'), String(grpc), String(SERIES)]

const emulator = (page: boolean) => () =>
  measureWrites({
    command: emulatorCommand,
    ready: '/api/summary',
    count: (answer) => {
      const { pointsAccepted }: { pointsAccepted: number } = JSON.parse(answer)
      return pointsAccepted
    },
    load: (ports) => [writer(ports), ...(page ? [[file('load/open-page.ts'), String(ports.http)]] : [])],
  })

export const scenario: Scenario = {
  name: 'cloud-emulator',
  description:
    'Points that the emulator validates and stores per CPU-second, written over gRPC with 200 series per request: 10,000 series, a tenth of them distributions with 15 buckets; also while a page with 12 charts of an hour is open. For comparison: a gRPC server that only decodes the same requests, and the target of 20,000 points per CPU-second.',
  unit: 'points/CPU-second',
  baseline: 'only decoding',
  variants: [
    {
      name: 'only decoding',
      measure: () =>
        measureWrites({
          command: ({ http, grpc }) => [file('load/decode-only.ts'), String(http), String(grpc)],
          ready: '/count',
          count: Number,
          load: (ports) => [writer(ports)],
        }),
    },
    { name: 'the target', measure: async () => POINTS_PER_SECOND },
    { name: 'emulator', measure: emulator(false) },
    { name: 'emulator, page open', measure: emulator(true) },
  ],
  bounds: [
    { variant: 'emulator', atLeast: 0.5 },
    { variant: 'emulator, page open', atLeast: 0.42 },
    { variant: 'emulator, page open', of: 'emulator', atLeast: 0.5 },
    { variant: 'emulator, page open', of: 'the target', atLeast: 1 },
  ],
}
