import type { CloudExports } from '../cluster/cloud/exports.ts'
import { EXIT } from './exit.ts'
import type { CommonFlags } from './options.ts'
import { tellProblems } from './read.ts'

/** What `--cloud` names; undefined without it. */
export async function cloudOf(
  flags: Pick<CommonFlags, 'cloud' | 'quiet' | 'allowPartial'>,
): Promise<{ readonly cloud: CloudExports | undefined; readonly code: number }> {
  if (flags.cloud === undefined) return { cloud: undefined, code: EXIT.ok }
  const { readCloud } = await import('../observe/cloud/read.ts')
  const { cloud, problems } = await readCloud(flags.cloud)
  if (flags.quiet !== true) tellProblems(problems)
  return { cloud, code: problems.length > 0 && flags.allowPartial !== true ? EXIT.partial : EXIT.ok }
}
