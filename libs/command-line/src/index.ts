export {
  EnvironmentError,
  type EnvironmentOf,
  type EnvironmentProblem,
  type EnvironmentSpec,
  readEnvironment,
} from './environment.ts'
export { helpText } from './help/help-text.ts'
export { environmentMarkdown, optionsMarkdown } from './help/markdown-table.ts'
export { ListenError } from './listen-error.ts'
export { listenOn } from './listen-on.ts'
export { messageOf } from './message-of.ts'
export { nearest } from './nearest.ts'
export { packageVersion } from './package-version.ts'
export { readCommandLine } from './program/read-command-line.ts'
export type { CommandLine, CommandSpec, Invocation, InvocationOf, ProgramSpec } from './program-spec.ts'
export { runMain } from './run-main.ts'
export { UsageError } from './usage-error.ts'
export { byteSize, formatByteSize, parseByteSize } from './values/byte-size.ts'
export { type DurationOptions, duration, formatDuration, parseDuration } from './values/duration.ts'
export { formatHostPort, type HostPort, hostAndPort, listenAddress, parseHostPort } from './values/host-port.ts'
export {
  boolean,
  directory,
  file,
  flag,
  httpUrl,
  integer,
  keyValuePairs,
  number,
  oneOf,
  port,
  text,
  url,
} from './values/scalar-values.ts'
export {
  type Environment,
  ignored,
  repeatable,
  required,
  ValueError,
  type ValueOptions,
  type ValueSpec,
  type ValuesOf,
  type ValueType,
  valueType,
} from './values/value-type.ts'
