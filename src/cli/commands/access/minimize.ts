import { join } from 'node:path'
import { rbacPolicy } from '../../../authz/policy.ts'
import { buildCluster, type Cluster } from '../../../cluster/cluster.ts'
import { unifiedDiff } from '../../../cluster/edit/diff.ts'
import { idParts } from '../../../cluster/object.ts'
import { decodeBinding, decodeRole, isBinding, isRole, type Subject, subjectId } from '../../../cluster/rbac.ts'
import { subjectText } from '../../../cluster/subject-text.ts'
import { policyOf } from '../../../engines/access/policy.ts'
import type { CloudAccess } from '../../../engines/access/used/cloud-grants.ts'
import { type AccessFacts, accessFold } from '../../../engines/access/used/fold.ts'
import { extensionGroups } from '../../../engines/access/used/observable.ts'
import { splitByNames } from '../../../engines/access/used/split.ts'
import { Samples } from '../../../engines/seen.ts'
import { applyFix } from '../../../fix/apply.ts'
import { subjectOfUser } from '../../../fix/minimize/allot.ts'
import { isKeptInCloud } from '../../../fix/minimize/cloud-held.ts'
import { MAX_SPARE, type Minimized, minimized } from '../../../fix/minimize/minimize.ts'
import { namesNothing } from '../../../fix/minimize/stays.ts'
import { documents, eachDocument, type Patch, patchedFiles } from '../../../fix/patches.ts'
import type { Coverage } from '../../../history/history.ts'
import type { Input } from '../../../observe/files/read.ts'
import type { Beside } from '../../../prove/access-replay.ts'
import { factsOfAccess } from '../../../prove/facts.ts'
import { podsOf } from '../../../prove/pods.ts'
import type { Proof } from '../../../prove/proof.ts'
import { PROOF_OPTIONS, type ProofOptions, prove } from '../../../prove/prove.ts'
import { replayLog } from '../../../prove/replay-log.ts'
import { type LostRight, lostRights } from '../../../prove/rights.ts'
import { subjectProofs } from '../../../prove/subject-proof.ts'
import {
  type AccessMinimized,
  cloudItems,
  type Differences,
  minimizedItem,
  minimizedScreen,
  ratioOf,
  ungrantedItems,
} from '../../../report/access/minimize.ts'
import { windowOf } from '../../../report/access/window.ts'
import { witness } from '../../../report/evidence.ts'
import { jsonLines } from '../../../report/json.ts'
import { reportProof } from '../../../report/plan.ts'
import { API_VERSION } from '../../../report/report.ts'
import { clean, escapeUnsafe } from '../../../report/text.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { targetsOf, write } from '../../output.ts'
import { proofOptions } from '../../plan.ts'
import { writeBelow } from '../../replace.ts'
import { readOnce } from '../../standard-input.ts'
import { terminal } from '../../terminal.ts'
import type { IdentityFlags } from './register.ts'
import { replayed, subjectOf } from './sources.ts'
import { type Today, today } from './today.ts'

const FORMATS = ['yaml', 'json', 'diff', 'table'] as const
/** The file of new objects where no file of the user's holds any. */
const FILE = 'bulkhead-minimize.yaml'

export interface MinimizeFlags extends IdentityFlags {
  readonly all?: boolean
  readonly keep?: readonly string[]
  readonly write?: string
  readonly maxSpare?: number
  readonly minDays?: number
  readonly maxUnseen?: number
}

/** Roles and bindings that grant what was used, and the proof of what they change. */
export async function minimize(flags: MinimizeFlags, names: readonly string[]): Promise<number> {
  const targets = targetsOf(flags, FORMATS, 'table')
  if (names.length > 0 === (flags.all === true))
    throw new UsageError('name subjects, or give --all for every subject of the history')
  if ((flags.history ?? []).length === 0) throw new UsageError('name what was recorded: --history PATH')
  readOnce({ '-f': flags.filename, '--history': flags.history })
  const subjects = names.map(subjectOf)
  const { cluster, input, cloud: granted, code: read } = await today(flags, 'Reading')
  const fold = accessFold({
    policy: policyOf(cluster),
    workloadOf: podsOf(cluster).workloadOf,
    samples: new Samples(0),
    detailed: true,
  })
  const { coverage, code: recorded } = await replayed(flags, cluster, [fold])
  const audit = coverage.sources.find(({ kind }) => kind === 'audit')
  const facts = fold.finish(audit?.outlying ? { from: audit.from, to: audit.to } : undefined)
  const cloud = granted?.withSeen(facts.whos)
  const [unknown] = unkept(flags.keep ?? [], cluster, facts, cloud)
  if (unknown !== undefined) throw new UsageError(`--keep ${unknown}: names no binding, subject or grant of a cloud`)
  const options = { ...PROOF_OPTIONS, ...proofOptions(flags) }
  const { made, document, patches } = minimizedDocument(
    facts,
    coverage,
    cluster,
    { input, cloud },
    subjects,
    flags,
    options,
  )
  if (flags.write !== undefined) writeAll(flags.write, made, patches(), flags.quiet === true)
  else
    for (const target of targets) {
      const pieces =
        target.format === 'json'
          ? jsonLines(document)
          : target.format === 'yaml'
            ? eachDocument(made.objects).map(escapeUnsafe)
            : target.format === 'diff'
              ? diffsOf(made, patches()).map(({ diff }) => diff)
              : [...minimizedScreen(document, terminal(process.stdout, target.file !== undefined))].map(
                  (line) => `${line}\n`,
                )
      await write(pieces, target)
    }
  const code = Math.max(read, recorded)
  if (code !== EXIT.ok) return code
  return document.proof.verdict === 'breaks' ? EXIT.breaks : EXIT.ok
}

/** Names that keep nothing: whoever slips in one would lose what was to stay. */
function unkept(
  names: readonly string[],
  cluster: Cluster,
  { whos }: AccessFacts,
  cloud: CloudAccess | undefined,
): readonly string[] {
  const left = namesNothing(names, policyOf(cluster))
  if (left.length === 0) return []
  const seen = new Set(whos.map(({ user }) => subjectText(subjectOfUser(user))))
  return left.filter(
    (name) => !seen.has(name) && !cloud?.all.some(({ grant }) => isKeptInCloud(new Set([name]), grant)),
  )
}

interface Made {
  readonly made: Minimized
  readonly document: AccessMinimized
  /** Of the user's files; undefined without any. They cost, and only some outputs hold them. */
  readonly patches: () => readonly Patch[] | undefined
}

function minimizedDocument(
  facts: AccessFacts,
  coverage: Coverage,
  cluster: Cluster,
  { input, cloud }: Pick<Today, 'input' | 'cloud'>,
  subjects: readonly Subject[],
  flags: MinimizeFlags,
  options: ProofOptions,
): Made {
  const audit = coverage.sources.find(({ kind }) => kind === 'audit')
  const sight = {
    facts,
    auditPolicy: audit?.auditPolicy,
    hides: audit?.hides.verbs ?? [],
    hidesImpersonation: audit?.forms.some((each) => each.hides.fields.includes('impersonation')) ?? false,
    extensionGroups: extensionGroups(cluster),
  }
  const before = input ? policyOf(cluster) : undefined
  const keep = new Set(flags.keep ?? [])
  const maxSpare = flags.maxSpare ?? MAX_SPARE
  const made = minimized(facts, cluster, before, { subjects, keep, maxSpare, sight, cloud })
  const ids = new Set(made.subjects.map(({ subject }) => subjectId(subject)))
  const files = audit?.files ?? []
  let proof: Proof
  let differences: Differences | undefined
  let split = facts
  const beside: Beside | undefined = cloud && ((who, request) => cloud.givenBy(who, request) !== undefined)
  if (before) {
    const after = buildCluster({ ...input, objects: made.fixes.reduce(applyFix, cluster.objects) }, cluster)
    const next = policyOf(after)
    const roles = [...before.roles, ...next.roles]
    split = splitByNames(
      facts,
      new Set(roles.flatMap(({ rules }) => rules.flatMap(({ resourceNames }) => resourceNames))),
    )
    proof = prove(
      { cluster, enforced: flags.enforced, beside },
      { cluster: after, enforced: flags.enforced },
      made.fixes,
      factsOfAccess(facts, coverage, cluster),
      options,
    )
    differences = {
      removed: notOfCloud(lostRights(before, next), cloud),
      added: notOfCloud(lostRights(next, before), cloud),
    }
  } else {
    const policy = rbacPolicy({
      roles: made.objects.filter(isRole).map((object) => decodeRole(object)),
      bindings: made.objects.filter(isBinding).map((object) => decodeBinding(object)),
      version: cluster.version,
    })
    proof = replayLog(facts, policy, (id) => ids.has(id), files)
  }
  const proofOf = differences && subjectProofs(proof, split, options)
  const items = made.subjects.map((each) => {
    const id = subjectId(each.subject)
    return minimizedItem(each, id, differences, proofOf?.(id))
  })
  const sum = (of: (item: (typeof items)[number]) => number): number =>
    items.reduce((total, item) => total + of(item), 0)
  const total = (all: Differences['removed'] | undefined): number | null =>
    all ? [...all.values()].reduce((count, rights) => count + rights.length, 0) : null
  const { patches, refused } = patchesOf(made, cluster, input)
  const document: AccessMinimized = {
    apiVersion: API_VERSION,
    kind: 'AccessMinimized',
    window: windowOf(facts, files),
    granted: sum(({ granted }) => granted),
    used: sum(({ used }) => used),
    ratio: ratioOf(
      sum(({ used }) => used),
      sum(({ spare }) => spare),
    ),
    subjects: items,
    objects: made.objects.map(({ body }) => body),
    generalised: made.generalised,
    kept: made.kept,
    ungranted: ungrantedItems(made),
    ...(cloud ? { cloud: cloudItems(made, witness(cluster.locate).locate) } : {}),
    removed: total(differences?.removed),
    added: total(differences?.added),
    proof: reportProof(proof),
    unpatched: refused,
  }
  return { made, document, patches }
}

/** What a cloud gives today, and goes on giving, neither goes nor is new. */
function notOfCloud(
  rights: Differences['removed'],
  cloud: CloudAccess | undefined,
): ReadonlyMap<string, readonly LostRight[]> {
  if (!cloud) return rights
  return new Map(
    [...rights].map(([id, all]) => {
      const { kind, namespace, name } = idParts(id)
      const subject = { kind: kind as Subject['kind'], namespace, name }
      return [id, all.filter(({ namespace: place, right }) => !cloud.covers(subject, place, right))]
    }),
  )
}

function patchesOf(
  { fixes }: Minimized,
  cluster: Cluster,
  input: Input | undefined,
): { readonly patches: () => readonly Patch[] | undefined; readonly refused: readonly string[] } {
  if (!input) return { patches: () => undefined, refused: [] }
  const start = patchedFiles({ names: input.files, bytes: input.bytes }, cluster.objects)
  const refused: string[] = []
  let files = start
  for (const fix of fixes) {
    const done = files.apply(fix)
    if ('refused' in done) refused.push(`${fix.title}: ${done.refused}`)
    else files = done
  }
  const loose = files.unpatched().map((name) => `${name} cannot be changed as a file: apply the objects of -o yaml`)
  return { patches: () => files.since(start), refused: [...refused, ...loose] }
}

function diffsOf({ objects }: Minimized, patches: readonly Patch[] | undefined): readonly Patch[] {
  if (patches) return patches
  return objects.length === 0 ? [] : [{ file: FILE, diff: unifiedDiff(FILE, undefined, documents(objects)) }]
}

/** The objects in one file, and the patch of the user's files in another. */
function writeAll(folder: string, made: Minimized, patches: readonly Patch[] | undefined, quiet: boolean): void {
  const diffs = (patches ?? []).map(({ diff }) => diff).join('')
  const texts = new Map([
    [FILE, documents(made.objects)],
    ['bulkhead-minimize.patch', diffs],
  ])
  for (const [name, text] of texts) if (text === '') texts.delete(name)
  if (texts.size > 0) writeBelow(folder, texts)
  else if (!quiet) process.stderr.write('nothing was written: nothing is to be granted or changed\n')
  if (!quiet) for (const name of texts.keys()) process.stderr.write(`${clean(`wrote ${join(folder, name)}`)}\n`)
}
