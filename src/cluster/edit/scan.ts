import { FlowScanner, joined, NOTHING } from './scan-flow.ts'
import { afterBreak, isBlank, isBreak, isGap, lineEnd, lineStart } from './text.ts'
import { type Entry, type Node, type Props, Unscannable } from './tree.ts'

/**
 * The tree of one document that js-yaml has read. js-yaml's `listener` tells where nodes open, but not of empty items,
 * missing values, dashes, colons, commas and styles, which an edit must know.
 */
export function scan(text: string): Node {
  return new BlockScanner(text).document()
}

class BlockScanner extends FlowScanner {
  document(): Node {
    this.space()
    while (this.text[this.pos] === '%') {
      this.pos = lineEnd(this.text, this.pos)
      this.space()
    }
    if (this.text.startsWith('---', this.pos) && isGap(this.text[this.pos + 3])) this.pos += 3
    return this.#block(-1, false)
  }

  #column(): number {
    return this.pos - lineStart(this.text, this.pos)
  }

  #isIndicator(char: string): boolean {
    return this.text[this.pos] === char && isGap(this.text[this.pos + 1])
  }

  /** Whether what stands here is inside of a parent at that column. A list may stand under its key without indentation. */
  #isInside(parent: number, underKey: boolean): boolean {
    if (this.pos >= this.text.length) return false
    const column = this.#column()
    return column > parent || (underKey && column === parent && this.#isIndicator('-'))
  }

  #block(parent: number, underKey: boolean): Node {
    const at = this.pos
    if (this.space() ? !this.#isInside(parent, underKey) : this.pos >= this.text.length)
      return this.empty(at, undefined)
    let outer: Props | undefined
    for (;;) {
      const from = this.pos
      const props = this.props()
      if (!props) return this.#content(at, outer, parent)
      const whole = outer ? joined(outer, props) : props
      if (!this.space()) {
        if (this.pos >= this.text.length) return this.empty(at, whole)
        // What stands before a key on its line belongs to the key.
        return this.#isKey() ? this.#mapping(at, from, outer) : this.#content(at, whole, parent)
      }
      if (!this.#isInside(parent, underKey)) return this.empty(at, whole)
      outer = whole
    }
  }

  #content(at: number, props: Props | undefined, parent: number): Node {
    if (this.#isIndicator('-')) return this.#sequence(at, props)
    if (this.#isIndicator('?') || this.#isKey()) return this.#mapping(at, this.pos, props)
    const char = this.text[this.pos]
    if (char === '|' || char === '>') return this.#literal(at, props, parent)
    if (char !== undefined && '"\'*{['.includes(char)) return this.flow(at, props)
    const start = this.pos
    const end = this.#plain(parent)
    return { ...NOTHING, kind: 'scalar', style: 'plain', at, start, end, ...(props ? { props } : {}) }
  }

  /** Whether a key with its colon stands here, on one line. */
  #isKey(): boolean {
    const from = this.pos
    this.#key()
    const found = !/[\r\n]/.test(this.text.slice(from, this.pos)) && this.#isIndicator(':')
    this.pos = from
    return found
  }

  #key(): Node {
    const at = this.pos
    const props = this.props()
    const { text } = this
    const start = this.pos
    const char = text[start]
    let key: Node
    if (char !== undefined && '"\'*{['.includes(char)) key = this.flow(at, props)
    else {
      let end = start
      for (; this.pos < text.length && !isBreak(text[this.pos]); this.pos++) {
        if (this.#isIndicator(':') || (text[this.pos] === '#' && isBlank(text[this.pos - 1]))) break
        if (!isBlank(text[this.pos])) end = this.pos + 1
      }
      key = { ...NOTHING, kind: 'scalar', style: 'plain', at, start, end, ...(props ? { props } : {}) }
    }
    while (isBlank(text[this.pos])) this.pos++
    return key
  }

  #mapping(at: number, start: number, props: Props | undefined): Node {
    this.pos = start
    const column = this.#column()
    const entries: Entry[] = []
    do entries.push(this.#pair(column))
    while (this.#goesOn(column, entries))
    const { end } = entries.at(-1) as Entry
    this.pos = end
    return { kind: 'map', style: 'block', at, start, end, column, entries, ...(props ? { props } : {}) }
  }

  #pair(column: number): Entry {
    const start = this.pos
    if (!this.#isIndicator('?')) {
      const key = this.#key()
      if (!this.#isIndicator(':')) throw new Unscannable('a key has no colon')
      return this.#valued(start, key, column)
    }
    this.pos++
    const key = this.#block(column, false)
    this.pos = key.end
    this.space()
    if (this.#isIndicator(':') && this.#column() === column) return this.#valued(start, key, column)
    return { start, end: key.end, key, ...this.named(key), value: this.empty(key.end, undefined) }
  }

  #valued(start: number, key: Node, column: number): Entry {
    const colon = this.pos++
    const value = this.#block(column, true)
    return { start, end: value.end, key, ...this.named(key), colon, value }
  }

  #sequence(at: number, props: Props | undefined): Node {
    const start = this.pos
    const column = this.#column()
    const entries: Entry[] = []
    do {
      const from = this.pos++
      const value = this.#block(column, false)
      entries.push({ start: from, end: value.end, value })
    } while (this.#goesOn(column, entries) && this.#isIndicator('-'))
    const { end } = entries.at(-1) as Entry
    this.pos = end
    return { kind: 'seq', style: 'block', at, start, end, column, entries, ...(props ? { props } : {}) }
  }

  #goesOn(column: number, entries: readonly Entry[]): boolean {
    this.pos = (entries.at(-1) as Entry).end
    this.space()
    return this.pos < this.text.length && this.#column() === column
  }

  /** Goes on over lines deeper than the parent. */
  #plain(parent: number): number {
    const { text } = this
    let end = this.pos
    for (; this.pos < text.length; this.pos++) {
      const char = text[this.pos]
      if (char === '#' && isGap(text[this.pos - 1])) break
      if (char === ':' && isGap(text[this.pos + 1])) break
      if (isBreak(char)) {
        let next = this.pos
        let from = next
        while (isGap(text[next]) && next < text.length) {
          if (isBreak(text[next])) from = next + 1
          next++
        }
        let indent = 0
        while (text[from + indent] === ' ') indent++
        if (next >= text.length || indent <= parent) break
        this.pos = next - 1
      } else if (!isBlank(char)) end = this.pos + 1
    }
    this.pos = end
    return end
  }

  #literal(at: number, props: Props | undefined, parent: number): Node {
    const { text } = this
    const start = this.pos++
    while (/[-+0-9]/.test(text[this.pos] ?? '')) this.pos++
    const header = this.pos
    const indicators = text.slice(start + 1, header)
    const digits = indicators.replaceAll(/[-+]/g, '')
    const keeps = indicators.includes('+')
    let detected = digits !== ''
    let indent = detected ? parent + Number(digits) : parent + 1
    let end = header
    for (let line = afterBreak(text, lineEnd(text, header)); line < text.length; ) {
      const close = lineEnd(text, line)
      let spaces = 0
      while (text[line + spaces] === ' ' && (!detected || spaces < indent)) spaces++
      if (!detected && spaces > indent) indent = spaces
      const isEmpty = line + spaces >= close
      if (!isEmpty && spaces < indent) break
      detected ||= !isEmpty
      if (!isEmpty || keeps) end = close
      line = afterBreak(text, close)
    }
    this.pos = end
    return { ...NOTHING, kind: 'scalar', style: 'literal', at, start, end, header, ...(props ? { props } : {}) }
  }
}
