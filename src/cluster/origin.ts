import type { Path } from './json.ts'

/** Where an object came from: a byte range of a source, and the path from the value there to the object. */
export interface Origin {
  /** Index into the sources of the input. */
  readonly source: number
  readonly start: number
  readonly end: number
  readonly inner: Path
}

/** A place in a file as editors show it: line and column are 1-based. */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Turns an origin, and a path inside the object, into a place. Undefined for what no file holds (assumed objects). */
export type Locate = (origin: Origin, path?: Path) => Location | undefined
