export {
  createHostRules,
  type HostRules,
  hostnameOf,
  isLoopbackAddress,
  isLoopbackHost,
  isPrivateHost,
  isSameOrigin,
} from './server/host-rules.ts'
export { type ServedText, servedText } from './server/module-source.ts'
export { openPageModules, type PageModules } from './server/page-modules.ts'
export { answerText, importMapScript, KIT_STYLE_PATH, readKitStyle, registerKit } from './server/register-kit.ts'
