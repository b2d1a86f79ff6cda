import type { Path } from './json.ts'
import type { KubeObject } from './object.ts'

/** One reason for an answer: an object and the field of it that decided, in words. Places are found only when shown. */
export interface Because {
  readonly text: string
  readonly object?: KubeObject
  readonly path?: Path
}

export function because(text: string, object?: KubeObject, path?: Path): Because {
  return { text, ...(object ? { object } : {}), ...(path ? { path } : {}) }
}
