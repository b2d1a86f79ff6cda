import type { Because } from '../../cluster/because.ts'
import { type CloudExports, NO_CLOUD } from '../../cluster/cloud/exports.ts'
import type { Json } from '../../cluster/json.ts'

type Kept<T> = {
  -readonly [K in keyof T]: T[K] extends readonly (infer I)[]
    ? I[]
    : T[K] extends ReadonlyMap<infer A, infer B>
      ? Map<A, B>
      : T[K] extends ReadonlySet<infer A>
        ? Set<A>
        : T[K]
}

/** The exports as they are collected. */
export type Draft = { readonly [K in keyof CloudExports]: Kept<CloudExports[K]> }

export function emptyDraft(): Draft {
  return structuredClone(NO_CLOUD) as Draft
}

/** What a decoder of one form works with. */
export interface Decoding {
  readonly draft: Draft
  /** The name of the file, by which some forms tell whose policy they are. */
  readonly file: string
  /** The reason that an item of the export gives, with its place. */
  from(text: string, item: Json): Because
  /** Something of the form that is not understood. */
  tell(why: string, item: Json): void
}

/** Takes what it knows of a value; false where the value is of no form that it reads. */
export type Decoder = (value: Json, decoding: Decoding) => boolean
