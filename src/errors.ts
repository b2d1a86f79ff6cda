/**
 * Every error and note that the product can give, as an address: the code is stable, and docs/reference/errors.md says
 * of each what it means and what to do. Bad input is a returned value with a place; only faults of ours are thrown.
 */
export const PROBLEMS = {
  BH_READ: 'cannot be read: {why}',
  BH_NOT_REGULAR: 'is not a regular file and was not read',
  BH_TOO_LARGE: 'is larger than {limit}; the rest was not read',
  BH_DOCUMENT_TOO_LARGE: 'a document of {size} is larger than {limit}; no Kubernetes object is',
  BH_TOO_MANY: 'has more than {count} {of}; the rest was not read',
  BH_STALLED: 'gave no data for {seconds} seconds; what had come was read',
  BH_GZIP: 'is not a whole gzip file: {why}',
  BH_ZSTD: 'is not a whole zstd file: {why}',
  BH_ARCHIVE: 'is an archive; unpack it and name the folder',
  BH_UTF8: 'not valid UTF-8 at byte {byte}',
  BH_YAML: '{why}',
  BH_JSON: '{why}',
  BH_DEPTH: 'nested deeper than {limit} levels',
  BH_SEPARATOR: 'text after the document separator `---`',
  BH_OBJECT: '{why}',
  BH_HISTORY: '{why}',
  BH_DIRECTORY: '{why}',
  BH_CLOUD: '{why}',
  BH_NOTHING: 'no Kubernetes object was found in {what}',
} as const

export type ProblemCode = keyof typeof PROBLEMS

export interface Problem {
  readonly code: ProblemCode
  readonly message: string
  readonly file?: string
  /** 1-based. */
  readonly line?: number
  readonly column?: number
}

export function problem(
  code: ProblemCode,
  values: Record<string, string | number>,
  place: Omit<Problem, 'code' | 'message'> = {},
): Problem {
  const message = PROBLEMS[code].replace(/\{(\w+)\}/g, (_, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : '',
  )
  return { code, message, ...place }
}

/** Our own fault: the program is wrong, not its input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal error: ${message}; please report it`)
}
