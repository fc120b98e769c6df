export { byteSize, formatByteSize, parseByteSize } from './byte-size.ts'
export { type DurationOptions, duration, formatDuration, parseDuration } from './duration.ts'
export {
  EnvironmentError,
  type EnvironmentOf,
  type EnvironmentProblem,
  type EnvironmentSpec,
  readEnvironment,
} from './environment.ts'
export { helpText } from './help.ts'
export { formatHostPort, type HostPort, hostAndPort, listenAddress, parseHostPort } from './host-port.ts'
export { environmentMarkdown, optionsMarkdown } from './markdown-table.ts'
export { messageOf } from './message-of.ts'
export { nearest } from './nearest.ts'
export { packageVersion } from './package-version.ts'
export type { CommandLine, CommandSpec, Invocation, InvocationOf, ProgramSpec } from './program.ts'
export { readCommandLine } from './read-command-line.ts'
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
} from './scalar-values.ts'
export { UsageError } from './usage-error.ts'
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
} from './value-type.ts'
