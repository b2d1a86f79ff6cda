/** The part of js-yaml 4.3.2 that we use. `maxDepth` and `listener` are not in its README; tests pin their behaviour. */
declare module 'js-yaml' {
  export interface State {
    /** With a NUL behind it. */
    readonly input: string
    readonly position: number
    readonly line: number
    readonly lineStart: number
    readonly kind: 'scalar' | 'sequence' | 'mapping' | null
    readonly tag: string | null
    /** A listener may put another value of the same meaning in its place when the node is closed. */
    result: unknown
  }
  export class Type {
    constructor(
      tag: string,
      options: {
        kind: 'scalar' | 'sequence' | 'mapping'
        multi?: boolean
        resolve?: (value: unknown) => boolean
        construct?: (value: never) => unknown
      },
    )
  }
  export class Schema {
    extend(types: { implicit?: readonly Type[]; explicit?: readonly Type[] }): Schema
  }
  export const FAILSAFE_SCHEMA: Schema
  export const types: { readonly merge: Type }
  export class YAMLException extends Error {
    constructor(reason: string)
    readonly reason: string
    readonly mark?: { readonly line: number; readonly column: number }
  }
  export interface DumpOptions {
    lineWidth?: number
    noRefs?: boolean
    noCompatMode?: boolean
    forceQuotes?: boolean
    quotingType?: "'" | '"'
  }
  export function dump(value: unknown, options?: DumpOptions): string
  export function load(
    text: string,
    options: {
      schema: Schema
      json?: boolean
      maxDepth?: number
      listener?: (event: 'open' | 'close', state: State) => void
    },
  ): unknown
}
