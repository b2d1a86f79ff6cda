import { hashOf, TEXT } from '../key.ts'
import { areSame } from './bytes.ts'

/** A key of JSON, told by its hash and its bytes. */
export interface Name {
  readonly view: DataView
  readonly length: number
  readonly hash: number
}

export function named(text: string): Name {
  const bytes = Uint8Array.from(text, (sign) => sign.charCodeAt(0))
  return { view: new DataView(bytes.buffer), length: bytes.length, hash: hashOf(text, TEXT) }
}

/** Which of these names stands between two places, by the hash of what stands there; negative for none. */
export function nameOf(view: DataView, from: number, to: number, hash: number, names: readonly Name[]): number {
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as Name
    if (name.hash === hash && name.length === to - from && areSame(view, from, name.view, 0, name.length)) return index
  }
  return -1
}

/** Whether this name, with a quote behind it, stands here. */
export function isNamed(bytes: Uint8Array, view: DataView, from: number, name: Name): boolean {
  const { length } = name
  return bytes[from + length] === 0x22 && areSame(view, from, name.view, 0, length)
}
