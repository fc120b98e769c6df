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
export { PAGE_SCRIPT_PATH, PageScript } from './server/page-script.ts'
export { answerText, KIT_STYLE_PATH, readKitStyle, registerKit } from './server/register-kit.ts'
