import type { Json, Path } from '../json.ts'

/**
 * One change inside one object. Paths are those of the object as it is before the change; of several, each sees the
 * object as the ones before it left it.
 */
export type Edit =
  /** Sets what stands at a path, mappings on the way made where they are missing. The last step is a key. */
  | { readonly op: 'set'; readonly path: Path; readonly value: Json }
  /** Removes a key with its value, or an item of a list. A list or mapping that becomes empty stays, empty. */
  | { readonly op: 'remove'; readonly path: Path }
  /** Adds an item at the end of the list at a path, which is made where it is missing. */
  | { readonly op: 'append'; readonly path: Path; readonly value: Json }
