/** One resource of a JSON text: where it begins and ends. */
export interface Extent {
  readonly start: number
  readonly end: number
}

const WHITE = new Set([' ', '\t', '\n', '\r', ','])

/**
 * The values that are resources: those of `Resources` of a SCIM ListResponse, those of an array, else each value itself.
 * Cut without being parsed, so that a broken one is one problem; what does not close ends with the text.
 */
export function* resourcesIn(text: string): Generator<Extent> {
  let at = skip(text, text.charCodeAt(0) === 0xfeff ? 1 : 0)
  while (at < text.length) {
    const end = valueEnd(text, at)
    if (text[at] === '[') yield* itemsOf(text, at, end)
    else {
      const list = text[at] === '{' ? resourcesOf(text, at, end) : undefined
      if (list) yield* itemsOf(text, list.start, list.end)
      else yield { start: at, end }
    }
    at = skip(text, end)
  }
}

function* itemsOf(text: string, start: number, end: number): Generator<Extent> {
  let at = skip(text, start + 1)
  while (at < end && text[at] !== ']') {
    const stop = Math.min(end, valueEnd(text, at))
    const inner = text[at] === '{' ? resourcesOf(text, at, stop) : undefined
    if (inner) yield* plainItems(text, inner.start, inner.end)
    else yield { start: at, end: stop }
    at = skip(text, stop)
  }
}

/** Pages of a list may stand in an array; resources hold no lists of resources. */
function* plainItems(text: string, start: number, end: number): Generator<Extent> {
  for (let at = skip(text, start + 1); at < end && text[at] !== ']'; ) {
    const stop = Math.min(end, valueEnd(text, at))
    yield { start: at, end: stop }
    at = skip(text, stop)
  }
}

/** The array of an object's key `Resources`. */
function resourcesOf(text: string, start: number, end: number): Extent | undefined {
  let at = skip(text, start + 1)
  while (at < end && text[at] === '"') {
    const after = valueEnd(text, at)
    const key = text.slice(at, after)
    at = skip(text, after)
    if (text[at] !== ':') return undefined
    at = skip(text, at + 1)
    const stop = valueEnd(text, at)
    if (key === '"Resources"' && text[at] === '[') return { start: at, end: stop }
    at = skip(text, stop)
  }
  return undefined
}

function skip(text: string, start: number): number {
  let at = start
  while (at < text.length && WHITE.has(text[at] as string)) at++
  return at
}

/** Past the end of the value that begins here; always further than where it begins. */
function valueEnd(text: string, start: number): number {
  let depth = 0
  let at = start
  while (at < text.length) {
    const char = text[at]
    if (char === '"') {
      at = stringEnd(text, at)
      if (depth === 0) return at
      continue
    }
    at++
    if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') {
      if (--depth <= 0) return at
    } else if (depth === 0) {
      const next = text[at]
      if (next === undefined || WHITE.has(next) || '{}[]":'.includes(next)) return at
    }
  }
  return at
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return text.length
}
