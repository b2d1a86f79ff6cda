import { type Because, because } from '../../../cluster/because.ts'
import { at, type Json, list, type Path } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'

/** A part of an object at its path, from where readers go on. */
export interface Part {
  readonly object: KubeObject
  readonly value: Json | undefined
  readonly path: Path
}

export function partOf(object: KubeObject, ...path: Path): Part {
  return { object, value: at(object.body, ...path), path }
}

export function inside({ object, value, path }: Part, ...steps: Path): Part {
  return { object, value: at(value, ...steps), path: [...path, ...steps] }
}

/** The items of a list, each with its place. */
export function* itemsOf(part: Part): Iterable<Part> {
  for (const [index, value] of list(part.value).entries())
    yield { object: part.object, value, path: [...part.path, index] }
}

export function says({ object, path }: Part, text: string): Because {
  return because(text, object, path)
}

/** `requests: 10` of a part’s field; foreign text is cut. */
export function quote(value: Json | undefined): string {
  const text = value === undefined ? 'nothing' : typeof value === 'object' ? 'an object' : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
