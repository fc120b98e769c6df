import { html, nothing, svg, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatCount, formatDurationMs } from '@node-to-cloud/browser-kit/format/value'
import type { ServiceLink, ServiceMap, ServiceNode } from '../../../contract/traces.ts'
import { emptyState } from '../empty-state.ts'
import { mapLayout } from './map-layout.ts'

const NODE = { width: 190, height: 56 }
const GAP = { x: 130, y: 26 }
const MARGIN = 16

interface Box {
  readonly x: number
  readonly y: number
}

/**
 * Which services call each other. Each service links to its traces.
 *
 * @param linkTo - the address of a service's traces
 */
export function serviceMapView(map: ServiceMap, linkTo: (service: string) => string): TemplateResult {
  if (map.services.length === 0) return emptyState('No services', html`<p>There are no traces in this time range.</p>`)
  const boxes = new Map(
    mapLayout(map).map(({ name, column, row }): [string, Box] => [
      name,
      { x: MARGIN + column * (NODE.width + GAP.x), y: MARGIN + row * (NODE.height + GAP.y) },
    ]),
  )
  const width = Math.max(...[...boxes.values()].map(({ x }) => x)) + NODE.width + MARGIN
  const height = Math.max(...[...boxes.values()].map(({ y }) => y)) + NODE.height + MARGIN
  return html`<svg class="map" viewBox="0 0 ${width} ${height}" width=${width} height=${height} role="group" aria-label="Service map">
    ${map.links.map((link) => linkView(link, boxes))}
    ${map.services.map((service) => serviceView(service, boxes, linkTo))}
  </svg>`
}

function serviceView(service: ServiceNode, boxes: ReadonlyMap<string, Box>, linkTo: (service: string) => string) {
  const { name, isService, calls, errors, meanMs } = service
  const { x, y } = boxes.get(name) ?? { x: 0, y: 0 }
  const failures = errors === 0 ? '' : `, ${formatCount(errors)} failed`
  const figures = `${formatCount(calls)} ${plural(calls, 'call')}${failures}, ${formatDurationMs(meanMs)}`
  const shapes = svg`<title>${name}: ${figures} on average</title>
    <rect x=${x} y=${y} width=${NODE.width} height=${NODE.height} rx="8"></rect>
    <text class="map-name" x=${x + 12} y=${y + 23}>${shortened(name)}</text>
    <text class="map-figures" x=${x + 12} y=${y + 42}>${figures}</text>`
  const state = `map-service${isService ? '' : ' map-other'}${errors > 0 ? ' map-failed' : ''}`
  return isService ? svg`<a class=${state} href=${linkTo(name)}>${shapes}</a>` : svg`<g class=${state}>${shapes}</g>`
}

function linkView({ from, to, calls, errors, meanMs }: ServiceLink, boxes: ReadonlyMap<string, Box>) {
  const [a, b] = [boxes.get(from), boxes.get(to)]
  if (!a || !b) return nothing
  const isBack = b.x <= a.x
  const start = { x: a.x + (isBack ? 0 : NODE.width), y: a.y + NODE.height / 2 }
  const end = { x: b.x + (isBack ? NODE.width : 0), y: b.y + NODE.height / 2 }
  const bend = (isBack ? -1 : 1) * (GAP.x / 2)
  const path = `M${start.x} ${start.y} C${start.x + bend} ${start.y} ${end.x - bend} ${end.y} ${end.x} ${end.y}`
  return svg`<g class=${errors > 0 ? 'map-link map-failed' : 'map-link'}>
    <title>${from} calls ${to} ${calls === 1 ? 'once' : `${formatCount(calls)} times`}, ${formatCount(errors)} failed</title>
    <path d=${path}></path>
    <circle cx=${end.x} cy=${end.y} r="4"></circle>
    <text class="map-figures" x=${(start.x + end.x) / 2} y=${(start.y + end.y) / 2 - 6} text-anchor="middle">${formatCount(calls)} · ${formatDurationMs(meanMs)}</text>
  </g>`
}

function shortened(name: string): string {
  return name.length > 24 ? `${name.slice(0, 23)}…` : name
}
