import { resolvePlain } from './scalar.ts'

/** Texts that are longer are hardly there twice. */
const LONGEST = 256
/** So many are remembered at once: some megabytes. */
const MOST = 1 << 15
/** A part of a text that is shorter is a copy; V8 makes a longer one a view, which holds the whole text. */
const VIEW = 13

/**
 * The texts of the documents of one reading, each kept once: names and labels stand in ten places, and what is cut out
 * of a document would hold all of it. They are forgotten with the reading, since some of them may be secrets.
 */
export class Scalars {
  readonly #plain = new Map<string, string | number | boolean | null>()
  readonly #quoted = new Map<string, string>()

  /** At the end of the reading. */
  clear(): void {
    this.#plain.clear()
    this.#quoted.clear()
  }

  /** What a plain scalar means; a text is itself. */
  plain(text: string): string | number | boolean | null {
    const known = this.#plain.get(text)
    if (known !== undefined) return known
    if (text.length > LONGEST) return meaning(text, text)
    if (this.#plain.size === MOST) this.#plain.clear()
    const own = owned(text)
    const value = meaning(text, own)
    this.#plain.set(own, value)
    return value
  }

  /** The text of a scalar in quotes. */
  quoted(text: string): string {
    const known = this.#quoted.get(text)
    if (known !== undefined) return known
    if (text.length > LONGEST) return text
    if (this.#quoted.size === MOST) this.#quoted.clear()
    const own = owned(text)
    this.#quoted.set(own, own)
    return own
  }
}

function meaning(text: string, own: string): string | number | boolean | null {
  const value = resolvePlain(text)
  return value === undefined ? own : value
}

/** A copy that holds no other text. */
function owned(text: string): string {
  return text.length < VIEW || !text.isWellFormed() ? text : Buffer.from(text).toString()
}
