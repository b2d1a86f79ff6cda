import { resolveApplications } from '../../../cluster/application/resolve.ts'
import { parseTime } from '../../../cluster/expiry.ts'
import { type Subject, subjectId } from '../../../cluster/rbac.ts'
import { resourceAsWritten, resourceNamed } from '../../../cluster/resources.ts'
import { subjectText } from '../../../cluster/subject-text.ts'
import { policyOf } from '../../../engines/access/policy.ts'
import type { CloudAccess } from '../../../engines/access/used/cloud-grants.ts'
import { type DeedFold, deedFold, type Target, touches } from '../../../engines/access/used/deeds.ts'
import { accessFold, nameOf } from '../../../engines/access/used/fold.ts'
import { grantedAgainstUsed } from '../../../engines/access/used/granted.ts'
import { extensionGroups } from '../../../engines/access/used/observable.ts'
import { Samples } from '../../../engines/seen.ts'
import type { Coverage } from '../../../history/history.ts'
import type { Fold } from '../../../history/pass.ts'
import { podsOf } from '../../../prove/pods.ts'
import { csvLines } from '../../../report/access/csv.ts'
import {
  type AccessUsed,
  cloudItem,
  deedItem,
  unexplainedItem,
  usedItem,
  usedScreen,
} from '../../../report/access/used.ts'
import { windowOf } from '../../../report/access/window.ts'
import { witness } from '../../../report/evidence.ts'
import { jsonLines } from '../../../report/json.ts'
import { API_VERSION } from '../../../report/report.ts'
import { yamlText } from '../../../report/yaml.ts'
import { UsageError } from '../../exit.ts'
import { targetsOf, write } from '../../output.ts'
import { readOnce } from '../../standard-input.ts'
import { terminal } from '../../terminal.ts'
import type { IdentityFlags } from './register.ts'
import { replayed, subjectOf } from './sources.ts'
import { today } from './today.ts'

const FORMATS = ['table', 'json', 'yaml', 'csv'] as const

export interface UsedFlags extends IdentityFlags {
  readonly on?: string
  readonly since?: string
  readonly until?: string
}

/** Granted against used; `--on`: who touched an object; with `--since` or `--until`: what a subject did between two times. */
export async function used(flags: UsedFlags, [text]: readonly string[]): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  if ((flags.history ?? []).length === 0) throw new UsageError('name what was recorded: --history PATH')
  readOnce({ '-f': flags.filename, '--history': flags.history })
  const subject = text === undefined ? undefined : subjectOf(text)
  const since = timeOf('--since', flags.since) ?? Number.NEGATIVE_INFINITY
  const until = timeOf('--until', flags.until) ?? Number.POSITIVE_INFINITY
  const { cluster, cloud, code: read } = await today(flags, 'Reading')
  const policy = policyOf(cluster)
  const { workloadOf } = podsOf(cluster)
  const uses = accessFold({ policy, workloadOf, samples: new Samples(0), detailed: true })
  const target = flags.on === undefined ? undefined : targetOf(flags.on, flags.namespace, cluster)
  const isOwn = subject && ownRequests(subject, cloud)
  const isSpan = flags.since !== undefined || flags.until !== undefined
  const deeds: DeedFold | undefined =
    target || (isOwn && isSpan)
      ? deedFold({
          workloadOf,
          wants: (access) => (isOwn?.(access) ?? true) && (!target || touches(target, access, nameOf)),
        })
      : undefined
  const folds = deeds ? [uses, deeds] : [uses]
  const between: Fold = {
    add(access) {
      if (access.time < since || access.time >= until) return
      for (const fold of folds) fold.add(access)
    },
  }
  const { coverage, code: recorded } = await replayed(flags, cluster, isSpan ? [between] : folds)
  const audit = coverage.sources.find(({ kind }) => kind === 'audit')
  const within = audit?.outlying && !isSpan ? { from: audit.from, to: audit.to } : undefined
  const facts = uses.finish(within)
  const hides = audit?.hides.verbs ?? []
  const sight = {
    facts,
    auditPolicy: audit?.auditPolicy,
    hides,
    hidesImpersonation: audit?.forms.some((each) => each.hides.fields.includes('impersonation')) ?? false,
    extensionGroups: extensionGroups(cluster),
  }
  const { locate } = witness(cluster.locate)
  const applications = resolveApplications(cluster)
  const items = deeds?.deeds().map((deed) => deedItem(deed, applications))
  const joined = target ? undefined : grantedAgainstUsed(policy, sight, subject, cloud)
  const document: AccessUsed = {
    apiVersion: API_VERSION,
    kind: 'AccessUsed',
    subject: subject ? subjectText(subject) : null,
    ...(flags.on === undefined
      ? {}
      : { on: `${flags.on}${flags.namespace === undefined ? '' : ` in ${flags.namespace}`}` }),
    window: windowOf(facts, audit?.files ?? []),
    items: joined
      ? [
          ...joined.rules.map((each) => usedItem(each, policy.roleOf(each.binding)?.object, locate)),
          ...joined.cloud.map((each) => cloudItem(each, locate)),
        ]
      : (items ?? []),
    ...(joined ? { unexplained: joined.unexplained.map(unexplainedItem) } : {}),
    ...(joined && items ? { activity: items } : {}),
    hidden: hiddenOf(coverage, deeds?.left ?? 0),
  }
  for (const each of targets) {
    const pieces =
      each.format === 'json'
        ? jsonLines(document)
        : each.format === 'yaml'
          ? [yamlText(document)]
          : each.format === 'csv'
            ? csvLines(document.activity ?? document.items)
            : [...usedScreen(document, terminal(process.stdout, each.file !== undefined))].map((line) => `${line}\n`)
    await write(pieces, each)
  }
  return Math.max(read, recorded)
}

function timeOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const time = parseTime(text)
  if (time === undefined)
    throw new UsageError(`${flag} ${text}: expected YYYY-MM-DD, or a time as 2026-01-31T18:00:00Z`)
  return time
}

/**
 * A subject's own requests, and those that it had others make; a group's, of all of its members; a principal's of a cloud,
 * of all whom it is let in as.
 */
function ownRequests(
  subject: Subject,
  cloud: CloudAccess | undefined,
): (access: Parameters<Fold['add']>[0]) => boolean {
  if (subject.kind === 'Group') return ({ groups }) => groups.includes(subject.name)
  const id = subjectId(subject)
  const users = new Map<string, boolean>()
  const isUser = (user: string): boolean => {
    const known =
      users.get(user) ??
      (subjectId({ kind: 'User', name: user, namespace: '' }) === id ||
        (subject.kind === 'User' && cloud?.isPrincipal(subject.name, user) === true))
    if (users.size < 10_000) users.set(user, known)
    return known
  }
  return ({ user, impersonator }) => isUser(user) || (impersonator !== undefined && isUser(impersonator.user))
}

/** `secrets`, `secrets/NAME`, `pods/exec`, `pods/NAME/exec`, `deployments.apps/NAME`. */
function targetOf(text: string, namespace: string | undefined, cluster: Parameters<typeof resourceNamed>[1]): Target {
  const [word = '', ...rest] = text.split('/')
  const found = resourceNamed(word, cluster)
  const written = found ?? resourceAsWritten(word)
  const isSub = (part: string | undefined): part is string =>
    part !== undefined && found?.subresources.has(part) === true
  const [first, second] = rest
  const subresource = isSub(second) ? second : second === undefined && isSub(first) ? first : ''
  const name = subresource !== '' && second === undefined ? '' : subresource === '' ? rest.join('/') : (first ?? '')
  return {
    group: found || word.includes('.') ? written.group : undefined,
    resource: written.plural,
    subresource,
    name,
    namespace,
  }
}

function hiddenOf(coverage: Coverage, left: number): readonly string[] {
  return coverage.sources.flatMap(({ kind, gaps, lost, unread, hides }) =>
    kind !== 'audit'
      ? []
      : [
          ...hiddenIn(hides),
          ...(gaps.length === 0 ? [] : [`the log has ${gaps.length} gaps, in which nothing was recorded`]),
          ...(lost.length === 0 ? [] : ['the log says that records were lost']),
          ...(unread === 0 ? [] : [`${unread} lines of the log could not be read`]),
          ...(left === 0 ? [] : [`${left} requests of other kinds are not shown: there were too many kinds`]),
        ],
  )
}

function hiddenIn({ fields, verbs }: Coverage['sources'][number]['hides']): readonly string[] {
  return [
    ...(verbs.length === 0 ? [] : [`this form of log holds no ${verbs.join(', ')}`]),
    ...(fields.length === 0 ? [] : [`this form of log does not tell: ${fields.join(', ')}`]),
  ]
}
