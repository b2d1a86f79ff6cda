import { type AccessSources, accessOf } from '../../../access.ts'
import { eksOf } from '../../../cluster/cloud/eks.ts'
import type { CloudExports } from '../../../cluster/cloud/exports.ts'
import { buildCluster, type Cluster } from '../../../cluster/cluster.ts'
import type { Directory } from '../../../cluster/directory.ts'
import { parseTime } from '../../../cluster/expiry.ts'
import type { Subject } from '../../../cluster/rbac.ts'
import { parseSubject } from '../../../cluster/subject-text.ts'
import { RecordedGroups } from '../../../engines/access/questions/recorded-groups.ts'
import type { AccessView, GroupSource } from '../../../engines/access/questions/view.ts'
import type { Words } from '../../../engines/access/questions/words.ts'
import { azureGroupsOf, cloudAuthorizers, cloudGroupsOf } from '../../../engines/cloud/authorizers.ts'
import { type Problem, problem } from '../../../errors.ts'
import type { Coverage } from '../../../history/history.ts'
import type { Fold } from '../../../history/pass.ts'
import { cloudOf } from '../../cloud.ts'
import { directoryOf } from '../../directory.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { readCluster, tellProblems, tellVersion } from '../../read.ts'
import { openRecorded } from '../../recorded.ts'
import { readOnce } from '../../standard-input.ts'
import type { IdentityFlags } from './register.ts'

export interface QuestionFlags extends IdentityFlags {
  readonly subresource?: string
  readonly allNamespaces?: boolean
  readonly asOf?: string
}

/** What the commands of access share: the cluster, who is who, and the code of what could not be read. */
export interface AccessInput {
  readonly view: AccessView
  readonly directory: Directory | undefined
  readonly code: number
}

/** Reads what the flags name; tells on standard error what could not be read. */
export async function readAccess(flags: QuestionFlags): Promise<AccessInput> {
  const asOf = timeOf(flags.asOf)
  readOnce({ '-f': flags.filename, '--history': flags.history })
  const { result: cluster, code: read } = await readCluster(flags, 'Asking', (input) =>
    buildCluster({
      objects: input.objects,
      listed: input.listed,
      locate: input.locate,
      ...(input.serverVersion === undefined ? {} : { serverVersion: input.serverVersion }),
      ...(flags.kubernetesVersion === undefined ? {} : { version: flags.kubernetesVersion }),
    }),
  )
  if (flags.quiet !== true) tellVersion(cluster.version.minor)
  const { directory, code: told } = await directoryOf(flags)
  const recorded = new RecordedGroups()
  const folded = flags.history === undefined ? EXIT.ok : await foldHistory(flags, cluster, [recorded])
  if (recorded.isPartial && flags.quiet !== true)
    process.stderr.write('the history has more users than are kept; the groups of some are not known\n')
  const { cloud, code: exported } = await cloudOf(flags)
  const groups: GroupSource[] = [
    ...(directory ? [directoryGroups(directory)] : []),
    ...(cloud ? [cloudGroups(cluster, cloud)] : []),
    ...(flags.history === undefined ? [] : [recorded]),
  ]
  const sources: AccessSources = {
    cluster,
    asOf,
    given: flags.group ?? [],
    groups,
    ...(cloud
      ? {
          authorizers: cloudAuthorizers(cluster, cloud),
          doubtful: cloudAuthorizers(cluster, cloud, 'unknown'),
        }
      : {}),
  }
  return { view: accessOf(sources), directory, code: Math.max(read, told, folded, exported) }
}

function timeOf(text: string | undefined): number {
  if (text === undefined) return Date.now()
  const time = parseTime(text)
  if (time === undefined)
    throw new UsageError(`--as-of ${text}: expected YYYY-MM-DD, or a time as 2026-01-31T18:00:00Z`)
  return time
}

/** A subject as people write it. */
export function subjectOf(text: string): Subject {
  const subject = parseSubject(text)
  if (!subject) throw new UsageError(`${text}: expected user:NAME, group:NAME or sa:NAMESPACE/NAME`)
  return subject
}

/** The question of the arguments; refused before anything is read. */
export function wordsOf(flags: QuestionFlags, verb: string, resource: string): Words {
  if (verb === '') throw new UsageError('the verb is empty: expected get, list, create, … or *')
  if (resource === '' || resource.startsWith('.') || /^[^/]*\/$/.test(resource))
    throw new UsageError(
      `${resource === '' ? 'the resource is empty' : resource}: expected pods, deployments.apps/NAME, or a path as /metrics`,
    )
  return {
    verb,
    resource,
    ...(flags.subresource === undefined ? {} : { subresource: flags.subresource }),
    ...(flags.namespace === undefined ? {} : { namespace: flags.namespace }),
    ...(flags.allNamespaces === true ? { all: true } : {}),
  }
}

export function directoryGroups(directory: Directory): GroupSource {
  return {
    from: 'directory',
    groupsOf: (user) => directory.groupsOf(user).map(({ group, place }) => ({ group, from: 'directory', place })),
    *users() {
      for (const { names } of directory.people) yield* names
    },
  }
}

/** Groups of aws-auth and of access entries, and those of Entra ID. */
function cloudGroups(cluster: Cluster, cloud: CloudExports): GroupSource {
  const mappings = eksOf(cluster, cloud)?.mappings ?? []
  return {
    from: 'cloud',
    groupsOf: (user) =>
      [...cloudGroupsOf(mappings, user), ...azureGroupsOf(cluster, cloud, user)].map(
        ({ group, because: { place } }) => ({
          group,
          from: 'cloud',
          ...(place ? { place } : {}),
        }),
      ),
    *users() {
      for (const { username } of mappings) if (username !== '' && !username.includes('{{')) yield username
      for (const { id, name, isGroup } of cloud.azure.members) if (!isGroup) yield name ?? id
    },
  }
}

/** Gives what `--history` names to folds, in one reading. */
export async function foldHistory(flags: IdentityFlags, cluster: Cluster, folds: readonly Fold[]): Promise<number> {
  return (await replayed(flags, cluster, folds)).code
}

/** The same, with what the sources could have shown. */
export async function replayed(
  flags: IdentityFlags,
  cluster: Cluster,
  folds: readonly Fold[],
): Promise<{ readonly coverage: Coverage; readonly code: number }> {
  const paths = flags.history ?? []
  const { passOver } = await import('../../../history/pass.ts')
  const { history, done } = await openRecorded(paths, flags, cluster)
  await passOver(history, folds)
  done()
  const coverage = history.coverage()
  const { sources } = coverage
  const problems: Problem[] = [...history.problems, ...sources.flatMap((source) => source.problems)]
  if (sources.every((source) => source.records === 0) && problems.length === 0)
    problems.push(problem('BH_HISTORY', { why: 'holds no audit log' }, { file: paths.join(', ') }))
  if (flags.quiet !== true) tellProblems(problems)
  return { coverage, code: codeOf(problems, flags) }
}

function codeOf(problems: readonly Problem[], flags: IdentityFlags): number {
  return problems.length > 0 && flags.allowPartial !== true ? EXIT.partial : EXIT.ok
}
