import type { JsonObject } from '../../cluster/json.ts'

/** An object to apply that bounds something, with what a reviewer should know and whether the record speaks against it. */
export interface CapObject {
  readonly body: JsonObject
  /** Imperative: `Bound what namespace shop may run`. */
  readonly title: string
  readonly notes: readonly string[]
  readonly verdict: CapVerdict
}

/** `holds`: at no recorded time would it have refused anything. */
export interface CapVerdict {
  readonly verdict: 'holds' | 'breaks' | 'unknown'
  readonly reasons: readonly string[]
}
