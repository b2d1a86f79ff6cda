import type { Path } from './json.ts'
import type { KubeObject } from './object.ts'

/** One reason for an answer: an object and the field of it that decided, in words. Places are found only when shown. */
export interface Because {
  readonly text: string
  readonly object?: KubeObject
  readonly path?: Path
  /** Where it is said, of what is no object of the cluster; the line is 1-based. */
  readonly place?: { readonly file: string; readonly line: number }
}

export function because(text: string, object?: KubeObject, path?: Path): Because {
  return { text, ...(object ? { object } : {}), ...(path ? { path } : {}) }
}
