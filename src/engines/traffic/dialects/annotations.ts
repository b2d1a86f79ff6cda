import { type Because, because } from '../../../cluster/because.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'
import type { Settings } from './dialect.ts'

/** A value that someone has written, and where. */
export interface Written {
  readonly value: string
  readonly because: Because
}

/** Annotations of one object by the names that a product gives them. */
export class Annotations {
  readonly object: KubeObject
  readonly #values: ReadonlyMap<string, string>
  readonly #prefixes: readonly string[]

  /** `prefixes`: those that the product takes, the one that wins first: `nginx.ingress.kubernetes.io`. */
  constructor(object: KubeObject, prefixes: readonly string[]) {
    this.object = object
    this.#prefixes = prefixes
    this.#values = annotationsOf(object.body)
  }

  /** The first of these names (aliases last) that is there with any text at all, as ingress-nginx and its kin choose. */
  get(...names: readonly string[]): Written | undefined {
    for (const name of names) {
      for (const prefix of this.#prefixes) {
        const key = prefix === '' ? name : `${prefix}/${name}`
        const value = this.#values.get(key)
        if (value !== undefined && value !== '') return { value, because: annotated(this.object, key, value) }
      }
    }
    return undefined
  }
}

export function annotated(object: KubeObject, key: string, value: string): Because {
  return because(`${key}: ${short(value)}`, object, ['metadata', 'annotations', key])
}

/** A value as reasons quote it: foreign text may be of any length. */
export function short(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)
}

export function setting({ values }: Settings, key: string): Written | undefined {
  return values.get(key)
}

export function flag({ flags }: Settings, name: string): Written | undefined {
  return flags.get(name)
}

/** Go's `strconv.ParseBool`. */
export function parseBool(text: string): boolean | undefined {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true
  return ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text) ? false : undefined
}
