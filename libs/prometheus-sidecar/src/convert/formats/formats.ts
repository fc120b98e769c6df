import type { FormatName } from '../conversion-rules.ts'
import { EXTERNAL_FORMAT } from './external/external-format.ts'
import { GMP_FORMAT } from './gmp/gmp-format.ts'
import type { MetricsFormat } from './metrics-format.ts'

/** All formats, by their name in `--stackdriver.metrics-format`. */
export const FORMATS: Readonly<Record<FormatName, MetricsFormat>> = {
  external: EXTERNAL_FORMAT,
  gmp: GMP_FORMAT,
}
