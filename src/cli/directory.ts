import type { Directory } from '../cluster/directory.ts'
import { EXIT } from './exit.ts'
import type { CommonFlags } from './options.ts'
import { tellProblems } from './read.ts'

/** What `--directory` names; undefined without one. */
export async function directoryOf(
  flags: CommonFlags,
): Promise<{ readonly directory: Directory | undefined; readonly code: number }> {
  const { directory: paths } = flags
  if (paths === undefined) return { directory: undefined, code: EXIT.ok }
  const { readDirectory } = await import('../observe/directory/read.ts')
  const { directory, problems } = await readDirectory(paths, {
    prefixes: { users: flags.userPrefix ?? [], groups: flags.groupPrefix ?? [] },
  })
  if (flags.quiet !== true) tellProblems(problems)
  return { directory, code: problems.length > 0 && flags.allowPartial !== true ? EXIT.partial : EXIT.ok }
}
