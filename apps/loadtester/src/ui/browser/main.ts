import { applyTheme, followSystemTheme, storedTheme } from '@node-to-cloud/browser-kit/browser/theme'
import { Console } from './console.ts'

applyTheme(storedTheme())
followSystemTheme()
const host = document.getElementById('app')
if (host !== null) void new Console(host).run()
