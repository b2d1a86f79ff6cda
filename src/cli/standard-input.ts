import { UsageError } from './exit.ts'

/** `-` may be named once, by one of the flags: `{'-f': flags.filename, '--history': flags.history}`. Throws a `UsageError`. */
export function readOnce(paths: Readonly<Record<string, readonly string[] | undefined>>): void {
  const times = Object.values(paths).flatMap((named) => named?.filter((path) => path === '-') ?? []).length
  if (times < 2) return
  const ways = Object.keys(paths).map((flag) => `by ${flag} -`)
  throw new UsageError(`standard input can be read once: ${ways.slice(0, -1).join(', ')} or ${ways.at(-1)}`)
}
