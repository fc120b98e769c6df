import { applyTheme, followSystemTheme, storedTheme } from '@node-to-cloud/browser-kit/browser/theme'
import { App } from './app.ts'
import { followShortcuts } from './shortcuts.ts'

applyTheme(storedTheme())
followSystemTheme()
const app = new App()
followShortcuts(app)
app.start()
