import { EventEmitter } from 'node:events'
import { threadId } from 'node:worker_threads'
import type { ArtilleryCore } from '../artillery/core.ts'
import type { ScriptDocument } from '../artillery/types.ts'
import { ScriptError } from '../script/script-error.ts'

/** Plugins whose work the load tester does itself: bounds are checked by the master, series are kept for every endpoint. */
const ownPlugins = new Set(['ensure', 'metrics-by-endpoint', 'publish-metrics'])

/**
 * Loads the plugins of a script and lets them change it, as Artillery's workers do.
 *
 * @throws ScriptError for a plugin that can't be loaded.
 */
export async function loadScriptPlugins(
  core: ArtilleryCore,
  document: ScriptDocument,
  scriptPath: string,
): Promise<void> {
  const wanted = Object.entries(document.config.plugins ?? {}).filter(([name]) => !ownPlugins.has(name))
  if (wanted.length === 0) return
  // By this variable Artillery's plugins know that they are where virtual users run; elsewhere they do nothing.
  process.env.LOCAL_WORKER_ID ??= String(threadId)
  const loaded = await core.loadPlugins(Object.fromEntries(wanted), document, { scriptPath })
  for (const [name, plugin] of Object.entries(loaded)) {
    const field = `config.plugins.${name}`
    if (!plugin.isLoaded)
      throw new ScriptError(`${field}: ${plugin.msg ?? 'the plugin could not be loaded'}`, { field })
    const exported = plugin.PluginExport
    const events = new EventEmitter()
    try {
      if (typeof exported === 'function') {
        ;new (exported as new (config: unknown, events: EventEmitter) => unknown)(document.config, events)
      } else {
        const { Plugin } = exported as {
          Plugin: new (script: unknown, events: EventEmitter, options: unknown) => unknown
        }
        new Plugin(document, events, { scriptPath })
      }
    } catch (error) {
      throw new ScriptError(`${field}: ${error instanceof Error ? error.message : String(error)}`, {
        field,
        cause: error,
      })
    }
  }
}
