import type { Directory } from '../../../cluster/directory.ts'
import { parseTime } from '../../../cluster/expiry.ts'
import type { Binding } from '../../../cluster/rbac.ts'
import { policyOf } from '../../../engines/access/policy.ts'
import { silenceOf } from '../../../engines/access/providers.ts'
import { couldShowOf } from '../../../engines/access/signals/could-show.ts'
import { dormant, LEAST_DAYS } from '../../../engines/access/signals/dormant.ts'
import type { Signal } from '../../../engines/access/signals/signal.ts'
import { SignalFold } from '../../../engines/access/signals/signals.ts'
import { type Problem, problem } from '../../../errors.ts'
import type { SourceCoverage } from '../../../history/history.ts'
import type { Analysis } from '../../../loop.ts'
import { findingsCsv, findingsDocument, findingsLines } from '../../../report/access/findings.ts'
import { findingsOf } from '../../../report/access/found.ts'
import { findingsSarif } from '../../../report/access/sarif.ts'
import { fileNames } from '../../../report/checks/file-uri.ts'
import { jsonLines } from '../../../report/json.ts'
import { analyseInput } from '../../analyse.ts'
import { directoryOf } from '../../directory.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { type FAIL_ON, isAtLeast } from '../../fail-on.ts'
import { targetsOf, write } from '../../output.ts'
import { progress } from '../../progress.ts'
import { tellProblems } from '../../read.ts'
import { readOnce } from '../../standard-input.ts'
import { terminal } from '../../terminal.ts'
import { VERSION } from '../../version.ts'
import type { IdentityFlags } from './register.ts'

const FORMATS = ['table', 'json', 'csv', 'sarif'] as const
const DAY_MS = 86_400_000

export interface FindingsFlags extends IdentityFlags {
  readonly asOf?: string
  readonly failOn?: (typeof FAIL_ON)[number]
}

/** Credentials that are shared, stolen or of leavers, who sweeps and who sleeps, and grants that are too wide or lead nowhere. */
export async function findings(flags: FindingsFlags): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  readOnce({ '-f': flags.filename, '--history': flags.history })
  const asked = flags.asOf === undefined ? undefined : parseTime(flags.asOf)
  if (flags.asOf !== undefined && asked === undefined)
    throw new UsageError(`--as-of ${flags.asOf}: expected YYYY-MM-DD, or a time as 2026-01-31T18:00:00Z`)
  if ((flags.filename ?? []).length + (flags.history ?? []).length === 0)
    throw new UsageError('name what to read: -f FILE, -f FOLDER -R, or -f - for standard input; or --history PATH')
  const { analysis, code: read } = await analyseInput(flags, { mayLack: (flags.history ?? []).length > 0 })
  const { directory, code: told } = await directoryOf(flags)
  const { fold, source, code: replayed } = await foldSignals(flags, analysis, directory)
  const isSeen = fold !== undefined && fold.records > 0
  const asOf = asked ?? (isSeen ? fold.to : Date.now())
  const { signals, unobservable } = signalsOf(analysis, fold, source, directory, asOf)
  const groupsOf = (user: string): readonly string[] => [
    ...(fold?.groupsOf(user) ?? []),
    ...(directory?.groupsOf(user) ?? []).map(({ group }) => group),
  ]
  const found = {
    cluster: analysis.cluster,
    asOf,
    window: isSeen ? { from: fold.from, to: fold.to } : undefined,
    ...findingsOf(analysis, signals, groupsOf),
    unknowns: unknownsOf(analysis, fold, source, directory, unobservable, (flags.filename ?? []).length === 0),
  }
  for (const target of targets) {
    const pieces: Record<(typeof FORMATS)[number], () => Iterable<string>> = {
      table: () => findingsLines(found, terminal(process.stdout, target.file !== undefined)).map((line) => `${line}\n`),
      json: () => jsonLines(findingsDocument(found)),
      csv: () => findingsCsv(found),
      sarif: () => findingsSarif(found, { version: VERSION, names: fileNames(process.cwd()) }),
    }
    await write(pieces[target.format](), target)
  }
  const code = Math.max(read, told, replayed)
  if (code !== EXIT.ok || flags.failOn === undefined) return code
  return found.items.some(({ severity }) => isAtLeast(severity, flags.failOn)) ? EXIT.findings : EXIT.ok
}

interface Folded {
  readonly fold: SignalFold | undefined
  readonly source: SourceCoverage | undefined
  readonly code: number
}

async function foldSignals(
  flags: FindingsFlags,
  { cluster }: Analysis,
  directory: Directory | undefined,
): Promise<Folded> {
  const { history: paths } = flags
  if (paths === undefined) return { fold: undefined, source: undefined, code: EXIT.ok }
  const showing = progress(flags.quiet === true || !flags.progress)
  const [{ openHistory }, { passOver }] = await Promise.all([
    import('../../../history/files.ts'),
    import('../../../history/pass.ts'),
  ])
  const history = await openHistory(paths, {
    cluster,
    stdin: process.stdin,
    progress: (file: string, records: number) => showing.say(`Reading ${file} (${records} records so far)`),
  })
  const fold = new SignalFold(policyOf(cluster), directory)
  await passOver(history, [fold])
  showing.done()
  const { sources } = history.coverage()
  const problems: Problem[] = [...history.problems, ...sources.flatMap((source) => source.problems)]
  if (fold.records === 0 && problems.length === 0)
    problems.push(problem('BH_HISTORY', { why: 'holds no audit log' }, { file: paths.join(', ') }))
  if (flags.quiet !== true) tellProblems(problems)
  return {
    fold,
    source: sources.find(({ kind }) => kind === 'audit'),
    code: problems.length > 0 && flags.allowPartial !== true ? EXIT.partial : EXIT.ok,
  }
}

function signalsOf(
  { cluster }: Analysis,
  fold: SignalFold | undefined,
  source: SourceCoverage | undefined,
  directory: Directory | undefined,
  asOf: number,
): { signals: readonly Signal[]; unobservable: readonly string[] } {
  const policy = policyOf(cluster)
  const silence = silenceOf(cluster)
  const watching = fold ?? new SignalFold(policy, directory)
  const signals = [...watching.signals(cluster, policy, asOf)]
  if (!fold || fold.records === 0 || !source) return { signals, unobservable: [] }
  const { from, to } = source.from > 0 ? source : fold
  const told = dormant({
    cluster,
    policy,
    seen: fold.seen,
    from,
    to,
    asOf,
    couldShow: couldShowOf(source),
    hidesGroups: source.hides.fields.includes('groups'),
    isSilenced: (binding: Binding) => silence.isProviders(binding),
  })
  return { signals: [...signals, ...told.signals], unobservable: told.unobservable }
}

/** What the sources could not show. */
function unknownsOf(
  { cluster }: Analysis,
  fold: SignalFold | undefined,
  source: SourceCoverage | undefined,
  directory: Directory | undefined,
  unobservable: readonly string[],
  isBare: boolean,
): readonly string[] {
  const found: string[] = []
  if (isBare) found.push('what objects grant, and who is dormant: no files of the cluster were given (-f)')
  if (!fold || fold.records === 0)
    found.push('who is shared, stolen, dormant or sweeping: no audit log was given (--history)')
  else if (source) {
    const { fields, verbs } = source.hides
    if (fields.includes('credential'))
      found.push(
        'which credential was used: this form of the log does not tell it, so that sharing is told by user and place alone',
      )
    if (fields.includes('pod')) found.push('of which pod a token is: this form of the log does not tell it')
    if (fields.includes('impersonation'))
      found.push(
        'as whom requests were done: this form of the log tells who asked alone, so that impersonation is not seen',
      )
    if (verbs.length > 0)
      found.push(
        `requests to ${verbs.join(', ')}: this form of the log has none, so that reads of Secrets are not seen`,
      )
    if (source.to - source.from < (LEAST_DAYS - 1) * DAY_MS)
      found.push(`who is dormant: the log is of less than ${LEAST_DAYS} days`)
    if (unobservable.length > 0)
      found.push(
        `whether ${unobservable.length} bound subjects are dormant: the log could not have shown what they may do`,
      )
    const { users, pods } = fold.dropped
    if (users + pods > 0)
      found.push(`${users} users and ${pods} pods that were seen when there was no more room, and long ago`)
  }
  if (!directory) found.push('who has left: no directory was given (--directory)')
  else {
    const absent = [...policyOf(cluster).subjects.values()].filter(
      ({ kind, name }) =>
        kind === 'User' && !/^(system:|kube-|eks:)/.test(name) && directory.personOf(name) === undefined,
    )
    if (absent.length > 0)
      found.push(
        `${absent.length} users that bindings name and the directory does not: ${absent
          .slice(0, 5)
          .map(({ name }) => name)
          .join(', ')}${absent.length > 5 ? ' and more' : ''}`,
      )
  }
  return found
}
