import type { CommonFlags } from './options.ts'

/** The command as the user calls it. */
export const COMMAND = process.env.BULKHEAD_COMMAND ?? 'bulkhead'

/** One option as a shell takes it; none where it was not given. */
export function option(name: string, value: string | number | undefined): readonly string[] {
  if (value === undefined) return []
  const text = String(value)
  return [`${name} ${/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`}`]
}

/** The options that name the same input again, with all that decides how it is read. */
export function sameInput(flags: CommonFlags): readonly string[] {
  const { filename = [], recursive, namespace, weights, config, enforced, kubernetesVersion } = flags
  const { cloud = [], directory = [], userPrefix = [], groupPrefix = [] } = flags
  return [
    ...filename.flatMap((name) => option('-f', name)),
    ...(recursive ? ['-R'] : []),
    ...option('-n', namespace),
    ...cloud.flatMap((name) => option('--cloud', name)),
    ...directory.flatMap((name) => option('--directory', name)),
    ...userPrefix.flatMap((text) => option('--user-prefix', text)),
    ...groupPrefix.flatMap((text) => option('--group-prefix', text)),
    ...option('--weights', weights),
    ...option('--config', config),
    ...(enforced === 'assume' ? [] : option('--enforced', enforced)),
    ...option('--kubernetes-version', kubernetesVersion),
  ]
}
