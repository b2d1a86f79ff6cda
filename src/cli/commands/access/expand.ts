import { buildCluster, type Cluster } from '../../../cluster/cluster.ts'
import { LABEL } from '../../../cluster/definitions/bodies.ts'
import { isDefinition } from '../../../cluster/definitions/definition.ts'
import { type Expansion, expandDefinitions } from '../../../cluster/definitions/expand.ts'
import { type DefinitionProblem, definitionProblem } from '../../../cluster/definitions/problem.ts'
import { parseTime } from '../../../cluster/expiry.ts'
import { at, object as mapping, string } from '../../../cluster/json.ts'
import { resolveNamespaces } from '../../../cluster/namespace.ts'
import { type KubeObject, labelsOf } from '../../../cluster/object.ts'
import { isRole } from '../../../cluster/rbac.ts'
import { changesOf, type DefinitionChange, withoutUid } from '../../../engines/access/expand/changes.ts'
import { ownerOf } from '../../../engines/access/expand/owner.ts'
import { missingRoles } from '../../../engines/access/expand/roles.ts'
import { policyOf } from '../../../engines/access/policy.ts'
import type { Input } from '../../../observe/files/read.ts'
import {
  type Expanded,
  expandedDocument,
  expandedLines,
  expandedYaml,
  problemLines,
} from '../../../report/access/expand.ts'
import { witness } from '../../../report/evidence.ts'
import { jsonLines } from '../../../report/json.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { targetsOf, write } from '../../output.ts'
import { readCluster } from '../../read.ts'
import { readOnce } from '../../standard-input.ts'
import { terminal } from '../../terminal.ts'
import type { IdentityFlags } from './register.ts'

const FORMATS = ['yaml', 'json', 'table'] as const

export interface ExpandFlags extends IdentityFlags {
  readonly against?: readonly string[]
  readonly asOf?: string
  readonly minDays?: number
  readonly maxUnseen?: number
}

/** RBACDefinitions of rbac-manager as what they make; against a cluster, what would change there and who would lose by it. */
export async function expand(flags: ExpandFlags): Promise<number> {
  const preferred = flags.against === undefined ? 'yaml' : 'table'
  const targets = targetsOf(flags, FORMATS, preferred)
  const asOf = flags.asOf === undefined ? Math.floor(Date.now() / 1000) * 1000 : parseTime(flags.asOf)
  if (asOf === undefined) throw new UsageError(`--as-of ${flags.asOf}: expected YYYY-MM-DD or 2026-12-31T18:00:00Z`)
  readOnce({ '-f': flags.filename, '--against': flags.against })
  const { input, code: read } = await readCluster(flags, 'Expanding', () => undefined)
  const against =
    flags.against === undefined
      ? undefined
      : await readCluster({ ...flags, filename: flags.against }, 'Comparing', () => undefined)
  const { found, code: replayed } = await expanded(flags, input, against?.input, asOf)
  if (found.definitions === 0 && flags.quiet !== true) process.stderr.write('no RBACDefinition was found\n')
  const asked = witness(input.locate)
  // YAML holds the objects alone; the other forms tell what is wrong themselves.
  if (flags.quiet !== true && targets.every(({ format }) => format === 'yaml'))
    for (const line of problemLines(found, asked)) process.stderr.write(`${line}\n`)
  for (const target of targets) {
    const pieces: Record<(typeof FORMATS)[number], () => Iterable<string>> = {
      yaml: () => expandedYaml(found),
      json: () => jsonLines(expandedDocument(found, asked)),
      table: () =>
        expandedLines(found, asked, terminal(process.stdout, target.file !== undefined)).map((line) => `${line}\n`),
    }
    await write(pieces[target.format](), target)
  }
  const isPartial = found.problems.some(({ severity }) => severity === 'error') && flags.allowPartial !== true
  return Math.max(read, against?.code ?? EXIT.ok, replayed, isPartial ? EXIT.partial : EXIT.ok)
}

async function expanded(
  flags: ExpandFlags,
  input: Input,
  against: Input | undefined,
  asOf: number,
): Promise<{ found: Expanded; code: number }> {
  const given = plainObjects(input, flags)
  const live = against && plainObjects(against, flags)
  const there = live?.plain ?? (given.plain.some(isManaged) ? given.plain : undefined)
  if (flags.history !== undefined && there === undefined)
    throw new UsageError('--history tells who would lose what was used, which needs the cluster: --against PATH')
  const uids = uidsOf(live?.definitions ?? [], there ?? [])
  const definitions = given.definitions.map((each) => withUid(each, uids))
  // The labels that namespaces are to have are those that the definitions were written for.
  const namespaces = resolveNamespaces(joined(given.plain, live?.plain ?? []))
  const expansion = expandDefinitions(definitions, namespaces, { time: asOf })
  const before = clusterOf(joined(there ?? [], given.plain.filter(isContext)), against ?? input, flags)
  const compared = there && changesOf(expansion, before)
  const { lost, proof, code } = compared
    ? await lossesOf(flags, before, compared.changes)
    : { lost: undefined, proof: undefined, code: EXIT.ok }
  const roles = there ? before : clusterOf(given.plain, input, flags)
  const problems = [...expansion.problems, ...missingRoles(expansion, policyOf(roles)), ...(compared?.problems ?? [])]
  return {
    found: {
      asOf,
      definitions: definitions.length,
      objects: expansion.objects,
      ended: expansion.ended,
      problems: [...problems, ...duplicates(input), ...uidNotes(expansion)].sort((a, b) => rank(a) - rank(b)),
      changes: compared,
      lost,
      proof,
    },
    code,
  }
}

const SEVERITIES = ['error', 'warning', 'note']

function rank({ severity }: DefinitionProblem): number {
  return SEVERITIES.indexOf(severity)
}

/** The last of several objects of one id counts. */
function plainObjects(input: Input, flags: ExpandFlags) {
  const plain = input.objects.filter((object) => !isDefinition(object))
  return {
    definitions: [...new Map(input.objects.filter(isDefinition).map((object) => [object.id, object])).values()],
    plain: clusterOf(plain, input, flags).objects,
  }
}

function clusterOf(objects: readonly KubeObject[], { listed, serverVersion }: Input, flags: ExpandFlags): Cluster {
  return buildCluster({
    objects,
    listed,
    ...(serverVersion === undefined ? {} : { serverVersion }),
    ...(flags.kubernetesVersion === undefined ? {} : { version: flags.kubernetesVersion }),
  })
}

function joined(first: readonly KubeObject[], rest: readonly KubeObject[]): readonly KubeObject[] {
  const ids = new Set(first.map(({ id }) => id))
  return [...first, ...rest.filter(({ id }) => !ids.has(id))]
}

function isManaged({ kind, body }: KubeObject): boolean {
  return labelsOf(body).has(LABEL) && (kind.endsWith('RoleBinding') || kind === 'ServiceAccount')
}

/** What beside the cluster is there for its bindings: roles and namespaces that come with the definitions. */
function isContext(object: KubeObject): boolean {
  return isRole(object) || object.kind === 'Namespace'
}

/** A definition in a file has no uid; the cluster tells it, by the definition there or by what that owns. */
function withUid(definition: KubeObject, uids: ReadonlyMap<string, string | undefined>): KubeObject {
  const uid = uids.get(definition.name)
  if (uid === undefined || string(at(definition.body, 'metadata', 'uid')) !== undefined) return definition
  return { ...definition, body: { ...definition.body, metadata: { ...mapping(definition.body.metadata), uid } } }
}

/** By name; undefined where objects of one name have owners of several uids. */
function uidsOf(
  definitions: readonly KubeObject[],
  owned: readonly KubeObject[],
): ReadonlyMap<string, string | undefined> {
  const uids = new Map<string, string | undefined>()
  for (const object of owned) {
    const owner = ownerOf(object)
    if (owner?.uid === undefined) continue
    const known = uids.has(owner.name) ? uids.get(owner.name) : owner.uid
    uids.set(owner.name, known === owner.uid ? known : undefined)
  }
  for (const { name, body } of definitions) {
    const uid = string(at(body, 'metadata', 'uid'))
    if (uid !== undefined) uids.set(name, uid)
  }
  return uids
}

/** `kubectl apply` of all of them would leave the last. */
function duplicates(input: Input): readonly DefinitionProblem[] {
  const same = Map.groupBy(input.objects.filter(isDefinition), ({ id }) => id)
  return [...same.values()].flatMap((each) => {
    if (each.length === 1) return []
    const message = `is defined ${each.length} times: the last one counts, as in kubectl apply`
    return [definitionProblem('duplicate', 'warning', { object: each.at(-1) as KubeObject, path: [] }, message)]
  })
}

function uidNotes({ definitions }: Expansion): readonly DefinitionProblem[] {
  const message = 'has no uid, so its objects name their owner without one; read it from the cluster to apply them'
  return withoutUid(definitions).map(({ object }) =>
    definitionProblem('no-uid', 'note', { object, path: ['metadata'] }, message),
  )
}

/** What reads logs is loaded where there is one. */
async function lossesOf(
  flags: ExpandFlags,
  before: Cluster,
  changes: readonly DefinitionChange[],
): Promise<Pick<Expanded, 'lost' | 'proof'> & { code: number }> {
  if (flags.history === undefined) return { lost: undefined, proof: undefined, code: EXIT.ok }
  const { losses } = await import('./expand-losses.ts')
  return losses(flags, before, changes)
}
