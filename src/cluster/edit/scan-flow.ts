import { resolvePlain } from '../scalar.ts'
import { parseYaml } from '../yaml.ts'
import { isBlank, isBreak, isGap } from './text.ts'
import { type Entry, type Node, type Props, Unscannable } from './tree.ts'

const FLOW = new Set([',', '[', ']', '{', '}'])

function isFlow(char: string | undefined): boolean {
  return char !== undefined && FLOW.has(char)
}

export const NOTHING = { column: -1, entries: [] as readonly Entry[] }

/** Where things end in a text that js-yaml has read before: it finds extents, and judges nothing. */
export class FlowScanner {
  readonly text: string
  pos = 0

  constructor(text: string) {
    this.text = text
  }

  /** Skips white space, line breaks and comments; whether it went on to another line. */
  space(): boolean {
    const { text } = this
    let crossed = false
    for (;;) {
      const char = text[this.pos]
      if (isBreak(char)) crossed = true
      else if (char === '#') {
        while (this.pos < text.length && !isBreak(text[this.pos])) this.pos++
        continue
      } else if (!isBlank(char)) return crossed
      this.pos++
    }
  }

  /** An anchor and a tag in any order, as far as they stand on this line. */
  props(): Props | undefined {
    const { text } = this
    const start = this.pos
    let end = start
    let anchor: string | undefined
    let tagged = false
    for (;;) {
      const char = text[this.pos]
      if (char === '&' && anchor === undefined) anchor = this.#name()
      else if (char === '!' && !tagged) {
        while (!isGap(text[this.pos])) this.pos++
        tagged = true
      } else break
      end = this.pos
      while (isBlank(text[this.pos])) this.pos++
    }
    return end === start ? undefined : { start, end, tagged, ...(anchor === undefined ? {} : { anchor }) }
  }

  #name(): string {
    const start = ++this.pos
    while (!isGap(this.text[this.pos]) && !isFlow(this.text[this.pos])) this.pos++
    return this.text.slice(start, this.pos)
  }

  /** A value that is no block: quoted, an alias, a flow collection, or plain in a flow collection. */
  flow(at: number, props: Props | undefined): Node {
    const { text } = this
    const start = this.pos
    const from = { at, start, ...(props ? { props } : {}) }
    const char = text[start]
    if (char === '{' || char === '[') return { ...from, ...this.#collection() }
    if (char === '"' || char === "'") {
      this.#quoted(char)
      return { ...NOTHING, ...from, kind: 'scalar', style: char === '"' ? 'double' : 'single', end: this.pos }
    }
    if (char === '*') {
      this.#name()
      return { ...NOTHING, ...from, kind: 'alias', style: 'none', end: this.pos }
    }
    const end = this.#plain()
    if (end > start) return { ...NOTHING, ...from, kind: 'scalar', style: 'plain', end }
    return this.empty(at, props)
  }

  empty(at: number, props: Props | undefined): Node {
    const end = props?.end ?? at
    return { ...NOTHING, kind: 'empty', style: 'none', at, start: end, end, ...(props ? { props } : {}) }
  }

  #quoted(quote: string): void {
    const { text } = this
    for (;;) {
      const char = text[++this.pos]
      if (char === undefined) throw new Unscannable('a quoted scalar does not end')
      if (char === '\\' && quote === '"') this.pos++
      else if (char === quote) {
        if (quote === '"' || text[this.pos + 1] !== quote) break
        this.pos++
      }
    }
    this.pos++
  }

  #plain(): number {
    const { text } = this
    let end = this.pos
    for (; this.pos < text.length; this.pos++) {
      const char = text[this.pos]
      if (isFlow(char)) break
      if (char === ':' && (isGap(text[this.pos + 1]) || isFlow(text[this.pos + 1]))) break
      if (char === '#' && isGap(text[this.pos - 1])) break
      if (!isGap(char)) end = this.pos + 1
    }
    this.pos = end
    return end
  }

  #collection(): Omit<Node, 'at' | 'start'> {
    const { text } = this
    const isMap = text[this.pos++] === '{'
    const close = isMap ? '}' : ']'
    const entries: Entry[] = []
    for (;;) {
      this.space()
      const char = text[this.pos]
      if (char === undefined || char === ',') throw new Unscannable('a flow collection does not end')
      if (char === close) break
      const entry = this.#entry(isMap)
      this.space()
      if (text[this.pos] === ',') entries.push({ ...entry, comma: this.pos++ })
      else if (text[this.pos] === close) entries.push(entry)
      else throw new Unscannable('a flow collection has no comma')
    }
    return { kind: isMap ? 'map' : 'seq', style: 'flow', end: ++this.pos, column: -1, entries }
  }

  #entry(isMap: boolean): Entry {
    const { text } = this
    const start = this.pos
    const explicit = text[start] === '?' && isGap(text[start + 1])
    if (explicit) {
      this.pos++
      this.space()
    }
    const key = this.#item(this.pos)
    const { end } = key
    this.pos = end
    this.space()
    if (text[this.pos] !== ':') {
      if (!isMap && !explicit) return { start, end, value: key }
      return { start, end, key, ...this.named(key), value: this.empty(end, undefined) }
    }
    const colon = this.pos++
    const value = this.#item(colon + 1)
    this.pos = value.end
    return { start, end: value.end, key, ...this.named(key), colon, value }
  }

  #item(at: number): Node {
    this.space()
    let props = this.props()
    for (let more = props; more; ) {
      this.space()
      more = this.props()
      if (props && more) props = joined(props, more)
    }
    return this.flow(at, props)
  }

  named({ kind, style, props, start, end }: Node): { readonly name?: string } {
    if (kind !== 'scalar') return {}
    const text = this.text.slice(start, end)
    if (!props && style === 'plain') return { name: String(resolvePlain(text) ?? text) }
    if (!props && style !== 'plain' && !/[\\\r\n']/.test(text.slice(1, -1))) return { name: text.slice(1, -1) }
    const { value } = parseYaml(this.text.slice(props?.start ?? start, end))
    return typeof value === 'object' || value === undefined ? {} : { name: String(value) }
  }
}

export function joined(first: Props, second: Props): Props {
  const anchor = second.anchor ?? first.anchor
  return {
    start: first.start,
    end: second.end,
    tagged: first.tagged || second.tagged,
    ...(anchor === undefined ? {} : { anchor }),
  }
}
