/**
 * The templates of all pages: updates keep the elements, and with them focus, selection and scroll position. `repeat`
 * keeps a row with its key.
 */
export { html, nothing, render, svg, type TemplateResult } from 'lit-html'
export { classMap } from 'lit-html/directives/class-map.js'
export { ifDefined } from 'lit-html/directives/if-defined.js'
export { live } from 'lit-html/directives/live.js'
export { createRef, ref } from 'lit-html/directives/ref.js'
export { repeat } from 'lit-html/directives/repeat.js'
