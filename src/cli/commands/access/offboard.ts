import { join } from 'node:path'
import { implicitGroups } from '../../../authz/subjects.ts'
import { resolveApplications } from '../../../cluster/application/resolve.ts'
import { AWS_AUTH } from '../../../cluster/aws-auth.ts'
import { buildCluster, type Cluster } from '../../../cluster/cluster.ts'
import type { Directory, Person } from '../../../cluster/directory.ts'
import { idOf } from '../../../cluster/object.ts'
import { type Subject, subjectId } from '../../../cluster/rbac.ts'
import { parseSubject, subjectText } from '../../../cluster/subject-text.ts'
import { dateText } from '../../../engines/access/dates.ts'
import { type Holdings, holdingsOf } from '../../../engines/access/holdings/holdings.ts'
import { remainingOf } from '../../../engines/access/holdings/remaining.ts'
import { TraceFold } from '../../../engines/access/holdings/trace.ts'
import { policyOf } from '../../../engines/access/policy.ts'
import type { Membership } from '../../../engines/access/questions/view.ts'
import { answeringFor } from '../../../exceptions/answering.ts'
import type { Fix } from '../../../fix/fix.ts'
import { offboard as changeOf } from '../../../fix/offboard/offboard.ts'
import { type Patch, patchAll, patchedFiles } from '../../../fix/patches.ts'
import { clientCertificates } from '../../../observe/certificates/certificates.ts'
import type { Input } from '../../../observe/files/read.ts'
import type { Facts } from '../../../prove/facts.ts'
import { changeYaml, offboardDocument, offboardLines } from '../../../report/access/offboard.ts'
import { jsonLines } from '../../../report/json.ts'
import { clean } from '../../../report/text.ts'
import { yamlText } from '../../../report/yaml.ts'
import { cloudOf } from '../../cloud.ts'
import { directoryOf } from '../../directory.ts'
import { targetsOf, write } from '../../output.ts'
import { readCluster, tellVersion } from '../../read.ts'
import { writeBelow } from '../../replace.ts'
import { readOnce } from '../../standard-input.ts'
import { terminal } from '../../terminal.ts'
import { cloudHoldings } from './cloud-holdings.ts'
import { factsAndFolds } from './history.ts'
import { proofFor } from './offboard-proof.ts'
import type { IdentityFlags } from './register.ts'
import { subjectOf } from './sources.ts'
import { cloudAccess } from './today.ts'

const FORMATS = ['table', 'json', 'yaml'] as const

export interface OffboardFlags extends IdentityFlags {
  readonly write?: string
}

/** All that a subject holds, one change that ends it, and what the change cannot end. */
export async function offboard(flags: OffboardFlags, [who = '']: readonly string[]): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  readOnce({ '-f': flags.filename, '--history': flags.history })
  const subject = subjectOf(who)
  const { input, result: cluster, code: read } = await readCluster(flags, 'Reading', (given) => clusterOf(given, flags))
  if (flags.quiet !== true) tellVersion(cluster.version.minor)
  const { directory, code: named } = await directoryOf(flags)
  const { cloud, code: exported } = await cloudOf(flags)
  const policy = policyOf(cluster)
  const known = namesOf(subject, directory, policy.subjects)
  const isPerson = (user: string): boolean => known.person !== undefined && directory?.personOf(user) === known.person
  const principals = cloud && subject.kind === 'User' ? cloudAccess(cluster, cloud) : undefined
  const isOwn = (user: string): boolean =>
    known.users.has(user) || isPerson(user) || principals?.isPrincipal(subject.name, user) === true
  const trace = new TraceFold(isOwn, {
    groups: subject.kind === 'Group' ? [subject.name] : [],
    accounts: subject.kind === 'ServiceAccount' ? [`${subject.namespace}/${subject.name}`] : [],
  })
  const { facts, code: replayed } = await factsAndFolds(flags, cluster, [trace])
  const told = membershipsOf(subject, known.person, trace)
  const given =
    cloud && subject.kind !== 'ServiceAccount'
      ? cloudHoldings(cluster, cloud, [...known.users], groupsOf(subject, told))
      : undefined
  const held = {
    cluster,
    policy,
    subject,
    subjects: known.subjects,
    names: [...known.users],
    memberships: membershipsOf(subject, known.person, trace, given?.memberships),
    traces: [...trace.traces.values()],
    mintedFor: [...trace.mintedFor.all.values()],
    certificates: clientCertificates(cluster.objects),
  }
  const own = holdingsOf(held)
  const holdings = { ...own, items: [...own.items, ...(given?.items ?? [])] }
  const { fix, refused } = changeOf({
    subject,
    ...holdings,
    ...accountOf(cluster, subject, holdings),
  })
  const made = patchesOf(input, fix)
  const asOf = Date.now()
  const report = {
    cluster,
    subject,
    asOf,
    names: [...known.users],
    person: personText(known.person),
    members: membersOf(subject, directory, trace),
    window: facts?.access && facts.access.records > 0 ? { from: facts.access.from, to: facts.access.to } : undefined,
    held: holdings.items,
    fix,
    patches: made.patches,
    refused: [...refused, ...made.refused],
    proof: fix && facts ? proofFor(flags, { input, cluster, subjects: known.subjects, fix, facts }) : undefined,
    remaining: remainingOf(holdings.items, asOf),
    answers: answeringFor(cluster, resolveApplications(cluster), ownerNames(subject, known)),
    unknowns: [...likeIt(subject, known.users, policy.subjects), ...unknownsOf(flags, cluster, subject, facts)],
  }
  if (flags.write !== undefined) {
    const texts = new Map([
      ['change.yaml', changeYaml(fix, yamlText)],
      ['change.patch', made.patches.map(({ diff }) => diff).join('')],
    ])
    for (const [name, text] of texts) if (text === '') texts.delete(name)
    writeBelow(flags.write, texts)
    if (flags.quiet !== true)
      for (const name of texts.keys()) process.stderr.write(`wrote ${clean(join(flags.write, name))}\n`)
  }
  for (const target of targets) {
    const pieces: Record<(typeof FORMATS)[number], () => Iterable<string>> = {
      table: () =>
        offboardLines(report, terminal(process.stdout, target.file !== undefined)).map((line) => `${line}\n`),
      json: () => jsonLines(offboardDocument(report)),
      yaml: () => [changeYaml(fix, yamlText)],
    }
    await write(pieces[target.format](), target)
  }
  return Math.max(read, named, replayed, exported)
}

export function clusterOf(input: Input, { kubernetesVersion }: Pick<IdentityFlags, 'kubernetesVersion'>): Cluster {
  return buildCluster({
    objects: input.objects,
    listed: input.listed,
    locate: input.locate,
    ...(input.serverVersion === undefined ? {} : { serverVersion: input.serverVersion }),
    ...(kubernetesVersion === undefined ? {} : { version: kubernetesVersion }),
  })
}

/** Under which names something may say that it is its owner; a service account is named as reports name it. */
function ownerNames(subject: Subject, { users }: Known): readonly string[] {
  return subject.kind === 'User'
    ? [...users]
    : [subjectText(subject), ...(subject.kind === 'Group' ? [subject.name] : users)]
}

function groupsOf(subject: Subject, told: readonly Membership[]): readonly string[] {
  return subject.kind === 'Group' ? [subject.name] : told.map(({ group }) => group)
}

interface Known {
  readonly person: Person | undefined
  /** User names under which it is logged. */
  readonly users: ReadonlySet<string>
  readonly subjects: readonly Subject[]
}

/** A person has all the names that the directory knows, and those that are bound and that it takes for the same. */
function namesOf(subject: Subject, directory: Directory | undefined, bound: ReadonlyMap<string, Subject>): Known {
  if (subject.kind === 'Group') return { person: undefined, users: new Set(), subjects: [subject] }
  if (subject.kind === 'ServiceAccount') {
    const user = `system:serviceaccount:${subject.namespace}:${subject.name}`
    return { person: undefined, users: new Set([user]), subjects: [subject] }
  }
  const person = directory?.personOf(subject.name)
  const users = new Set([subject.name, ...(person?.names ?? [])])
  for (const { kind, name } of person ? bound.values() : [])
    if (kind === 'User' && directory?.personOf(name) === person) users.add(name)
  const subjects = [...users]
    .flatMap((name) => parseSubject(`user:${name}`) ?? [])
    .filter(({ kind }) => kind === 'User')
  return { person, users, subjects }
}

function membershipsOf(
  subject: Subject,
  person: Person | undefined,
  { traces }: TraceFold,
  ofCloud: readonly Membership[] = [],
): readonly Membership[] {
  const found = new Map<string, Membership>()
  const add = (membership: Membership): void => {
    if (!found.has(membership.group)) found.set(membership.group, membership)
  }
  for (const { group, place } of person?.groups ?? []) add({ group, from: 'directory', place })
  for (const membership of ofCloud) add(membership)
  for (const { groups } of traces.values())
    for (const [group, { last, lastPlace }] of groups.all) add({ group, from: 'audit', seen: last, place: lastPlace })
  const implicit = new Set(implicitGroups(subjectId(subject)))
  for (const group of implicit) found.set(group, { group, from: 'implicit' })
  return [...found.values()].sort((a, b) => (a.group < b.group ? -1 : 1))
}

function membersOf(subject: Subject, directory: Directory | undefined, trace: TraceFold) {
  if (subject.kind !== 'Group') return []
  const seen = trace.members.get(subject.name)?.all ?? new Map<string, { last: number }>()
  const told = (directory?.membersOf(subject.name) ?? []).map(({ id }) => id)
  return [
    ...told.map((id) => ({ subject: `user:${id}`, from: 'directory' })),
    ...[...seen]
      .filter(([user]) => !told.includes(user))
      .map(([user, { last }]) => ({ subject: textOf(user), from: 'audit', last })),
  ]
}

function textOf(user: string): string {
  const subject = parseSubject(`user:${user}`)
  return subject ? subjectText(subject) : `user:${user}`
}

function personText(person: Person | undefined) {
  if (!person) return undefined
  const { active, leftAt, place } = person
  const left =
    leftAt !== undefined
      ? `left ${dateText(leftAt)}`
      : active === false
        ? 'is not active'
        : active
          ? 'is active'
          : 'is there'
  return { left, place }
}

/** Where nothing runs as a service account, it goes, and all its tokens with it. */
function accountOf(cluster: Cluster, { kind, namespace, name }: Subject, { items }: Holdings) {
  if (kind !== 'ServiceAccount' || name === 'default' || items.some((each) => each.kind === 'workload')) return {}
  const account = cluster.get(idOf('ServiceAccount', namespace, name))
  return account ? { account } : {}
}

function patchesOf(input: Input, fix: Fix | undefined): { patches: readonly Patch[]; refused: readonly string[] } {
  if (!fix) return { patches: [], refused: [] }
  const patched = patchAll(patchedFiles({ names: input.files, bytes: input.bytes }, input.objects), [fix])
  if ('refused' in patched) return { patches: [], refused: [`${patched.refused}; apply the objects`] }
  const unpatched = patched.files.unpatched()
  return {
    patches: patched.patches,
    refused: unpatched.map((name) => `${name} cannot be changed in place; apply the objects`),
  }
}

const MOST_ALIKE = 5

/** Bound users whose names are this one in other letters, behind a prefix or before a domain: nothing says that they are others. */
function likeIt(
  { kind, name }: Subject,
  names: ReadonlySet<string>,
  bound: ReadonlyMap<string, Subject>,
): readonly string[] {
  if (kind !== 'User' || name.length < 3) return []
  const asked = name.normalize('NFC').toLowerCase()
  const alike = [...bound.values()]
    .filter((each) => each.kind === 'User' && !names.has(each.name))
    .filter((each) => {
      const other = each.name.normalize('NFC').toLowerCase()
      const before = other[other.lastIndexOf(asked) - 1]
      return (
        other === asked || (other.endsWith(asked) && /[:/#\\|]/.test(before ?? '')) || other.startsWith(`${asked}@`)
      )
    })
    .map(subjectText)
  if (alike.length === 0) return []
  const more = alike.length > MOST_ALIKE ? ` and ${alike.length - MOST_ALIKE} more` : ''
  return [
    `whether it is ${alike.slice(0, MOST_ALIKE).join(', ')}${more}, which bindings name (--directory, --user-prefix)`,
  ]
}

function unknownsOf(
  flags: OffboardFlags,
  cluster: Cluster,
  { kind }: Subject,
  facts: Facts | undefined,
): readonly string[] {
  const found: string[] = []
  if (!facts?.access) found.push('what it was seen with, asked for and read: no audit log was given (--history)')
  else if (
    kind !== 'Group' &&
    facts.coverage.sources.some(({ kind: of, hides }) => of === 'audit' && hides.fields.includes('credential'))
  )
    found.push('with which credentials it was seen: the log does not tell them')
  if (kind === 'User' && flags.directory === undefined)
    found.push('groups that no record shows it in: no directory was given (--directory)')
  if (kind === 'User' && cluster.get(AWS_AUTH) && flags.cloud === undefined)
    found.push('access entries of EKS, which are in no object of the cluster (--cloud)')
  return found
}
