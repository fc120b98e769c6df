import { EventEmitter } from 'node:events'
import { threadId } from 'node:worker_threads'
import { messageOf } from '@node-to-cloud/command-line'
import type { ArtilleryCore } from '../artillery/core.ts'
import type { ScriptDocument } from '../artillery/script-document.ts'
import { REPLACED_PLUGINS } from '../script/bounds/metric-names.ts'
import { ScriptError } from '../script/script-error.ts'

/** The two forms in which plugins are exported. */
type FirstPlugin = new (config: unknown, events: EventEmitter) => unknown
interface SecondPlugin {
  readonly Plugin: new (script: unknown, events: EventEmitter, options: unknown) => unknown
}

/**
 * Loads a script's plugins and lets them change the script, as Artillery's workers do.
 *
 * @throws ScriptError for a plugin that can't be loaded.
 */
export async function loadScriptPlugins(
  core: ArtilleryCore,
  document: ScriptDocument,
  scriptPath: string,
): Promise<void> {
  const wanted = Object.entries(document.config.plugins ?? {}).filter(([name]) => !REPLACED_PLUGINS.includes(name))
  if (wanted.length === 0) return
  // This variable tells Artillery's plugins that virtual users run here; elsewhere they do nothing.
  process.env.LOCAL_WORKER_ID ??= String(threadId)
  const loaded = await core.loadPlugins(Object.fromEntries(wanted), document, { scriptPath })
  for (const [name, { isLoaded, msg, PluginExport }] of Object.entries(loaded)) {
    const field = `config.plugins.${name}`
    if (!isLoaded) throw new ScriptError(`${field}: ${msg ?? 'the plugin could not be loaded'}`, { field })
    try {
      if (typeof PluginExport === 'function') new (PluginExport as FirstPlugin)(document.config, new EventEmitter())
      else new (PluginExport as SecondPlugin).Plugin(document, new EventEmitter(), { scriptPath })
    } catch (error) {
      throw new ScriptError(`${field}: ${messageOf(error)}`, { field, cause: error })
    }
  }
}
