import type { Applications } from './cluster/application/application.ts'
import type { ApplicationConfig } from './cluster/application/config.ts'
import { type CloudExports, NO_CLOUD } from './cluster/cloud/exports.ts'
import { buildCluster, type Cluster, differsOnlyIn, isNetworkPolicy } from './cluster/cluster.ts'
import type { Directory } from './cluster/directory.ts'
import { same } from './cluster/edit/apply.ts'
import type { Dependencies } from './cluster/external/external.ts'
import { field, isObject, type Json } from './cluster/json.ts'
import type { KubeObject } from './cluster/object.ts'
import { isBinding, isRole, subjectId } from './cluster/rbac.ts'
import { accessEngine } from './engines/access/access.ts'
import { policyOf } from './engines/access/policy.ts'
import { cloudEngine } from './engines/cloud/cloud.ts'
import type { Edge, Engine, Finding, Unknown } from './engines/engine.ts'
import { escapeEngine } from './engines/escape/escape.ts'
import type { Known, KnownMembership } from './engines/known.ts'
import { exposures } from './engines/network/exposure/exposures.ts'
import { type Enforced, networkModel, shareNetworkModel } from './engines/network/model.ts'
import { networkEngine } from './engines/network/network.ts'
import { type Overload, overloadOf } from './engines/traffic/overload/overload.ts'
import { routesOf } from './engines/traffic/routes/routes.ts'
import { trafficEngine } from './engines/traffic/traffic.ts'
import { applyFix } from './fix/apply.ts'
import { fixOf } from './fix/brought.ts'
import type { Fix, FixContext } from './fix/fix.ts'
import { patchedFiles } from './fix/patches.ts'
import { propose } from './fix/proposers.ts'
import { inputFindings, inputUnknowns } from './input.ts'
import { knownOf, lazily, partsOf } from './known.ts'
import type { Input } from './observe/files/read.ts'
import type { Outlook } from './plan/outlook.ts'
import { makePlan } from './plan/plan.ts'
import type { Plan } from './plan/ports.ts'
import type { Facts } from './prove/facts.ts'
import type { Proof } from './prove/proof.ts'
import { PROOF_OPTIONS, type ProofOptions, type Proved, prove } from './prove/prove.ts'
import type { Stores } from './radius/assets.ts'
import { availabilityOf } from './radius/availability.ts'
import { type Judgement, judge, valued } from './radius/judge.ts'
import { EQUAL, SHIPPED, type Weights } from './radius/weights.ts'

export interface Options {
  /** `--kubernetes-version`. */
  readonly version?: string
  readonly enforced?: Enforced
  readonly weights?: Weights
  readonly applications?: ApplicationConfig
  /** Groups of bound users, as a history tells them. */
  readonly memberships?: Known['memberships']
  /** Groups of people, bound or not. */
  readonly directory?: Directory
  /** What exports of clouds tell. */
  readonly cloud?: CloudExports
  /** Milliseconds since 1970: credentials that lie in the input and have ended by then open nothing. */
  readonly asOf?: number
}

/** Everything that one look at a cluster gives; reports are made of it and of nothing else. */
export interface Analysis extends Judgement {
  readonly input: Input
  readonly cluster: Cluster
  readonly applications: Applications
  readonly dependencies: Dependencies
  findings(): readonly Finding[]
  unknowns(): readonly Unknown[]
  /** Who can exhaust what, by which nobody gains control. */
  overload(): Overload
  readonly weights: Weights
  /** The objects that were judged: those of the input, or what steps of a plan made of them. */
  readonly objects: readonly KubeObject[]
  /** Workloads that can be reached from outside. */
  readonly exposed: ReadonlyMap<string, 'yes' | 'unknown'>
  readonly stores: Stores
  /** The edges of the network, which most changes leave as they are. */
  readonly contacts: readonly Edge[]
}

/**
 * The one composition: reads nothing, writes nothing, and is the only place where engines meet. `like` is the analysis of
 * a cluster that may differ in few objects: what cannot differ is taken from it.
 */
export function analyse(input: Input, options: Options = {}, like?: Analysis): Analysis {
  const cluster = buildCluster(
    {
      objects: input.objects,
      listed: input.listed,
      locate: input.locate,
      ...(input.serverVersion === undefined ? {} : { serverVersion: input.serverVersion }),
      ...(options.version === undefined ? {} : { version: options.version }),
    },
    like?.cluster,
  )
  const weights = options.weights ?? SHIPPED
  const network = { enforced: options.enforced ?? 'assume' } as const
  const sameWorkloads = like?.cluster.workloads === cluster.workloads ? like : undefined
  const sameNetwork =
    sameWorkloads && differsOnlyIn(sameWorkloads.cluster.objects, cluster.objects, isRbac) ? sameWorkloads : undefined
  if (sameNetwork) shareNetworkModel(sameNetwork.cluster, cluster)
  const sameNeeds = like && differsOnlyIn(like.cluster.objects, cluster.objects, needsTheSame) ? like : sameWorkloads
  const likeApplications =
    like && differsOnlyIn(like.cluster.objects, cluster.objects, givesNoApplication) ? like.applications : undefined
  const parts = partsOf(
    cluster,
    { ...network, ...(options.applications ? { applications: options.applications } : {}) },
    {
      ...(likeApplications ? { applications: likeApplications } : {}),
      ...(sameNeeds ? { dependencies: sameNeeds.dependencies, stores: sameNeeds.stores } : {}),
    },
  )
  const applications = parts.applications()
  const dependencies = parts.dependencies()
  const keepers = parts.stores()
  const known = knownOf(cluster, parts, {
    memberships: membershipsOf(cluster, options),
    ...(options.asOf === undefined ? {} : { asOf: options.asOf }),
  })
  const engines: readonly Engine[] = [
    accessEngine,
    networkEngine(network),
    escapeEngine,
    cloudEngine(options.cloud ?? NO_CLOUD),
    trafficEngine,
  ]
  const contacts = sameNetwork?.contacts ?? [...networkEngine(network).edges(cluster, known)]
  const edges: Edge[] = engines.flatMap((engine) =>
    engine.name === 'network' ? contacts : [...engine.edges(cluster, known)],
  )
  const exposed = sameNetwork?.exposed ?? exposedBy(cluster, network.enforced)
  return {
    input,
    cluster,
    applications,
    dependencies,
    weights,
    objects: input.objects,
    exposed,
    stores: keepers,
    contacts,
    // A plan judges many clusters, and asks none of them for these.
    findings: lazily(() => [
      ...inputFindings(input, cluster, applications),
      ...engines.flatMap((engine) => [...engine.findings(cluster, known)]),
    ]),
    unknowns: lazily(() => [
      ...inputUnknowns(input, cluster, dependencies),
      ...engines.flatMap((engine) => [...engine.unknowns(cluster, known)]),
    ]),
    overload: lazily(() => overloadOf(cluster, known, routesOf(cluster, known), availabilityOf(applications, weights))),
    ...judge({ cluster, applications, stores: keepers, edges, exposed, weights }),
  }
}

/** The groups of the users that bindings name, by the history and by the directory. */
function membershipsOf(cluster: Cluster, { memberships, directory }: Options): Known['memberships'] {
  if (!directory) return memberships
  const found = new Map<string, readonly KnownMembership[]>(memberships)
  const asked = new Set<string>()
  for (const subject of cluster.bindings.flatMap(({ subjects }) => subjects)) {
    const id = subjectId(subject)
    if (!id.startsWith('User/') || asked.has(id)) continue
    asked.add(id)
    const recorded = found.get(id) ?? []
    const told = directory
      .groupsOf(subject.name)
      .filter(({ group }) => !recorded.some((each) => each.group === group))
      .map(({ group, place }) => ({ group, because: [{ text: `the directory has it in ${group}`, place }] }))
    if (told.length > 0) found.set(id, [...recorded, ...told])
  }
  return found
}

function isRbac(object: KubeObject): boolean {
  return isRole(object) || isBinding(object)
}

/** Nothing of what a workload calls, holds or belongs to is read from what its processes may do on their node. */
function needsTheSame(object: KubeObject, before?: KubeObject): boolean {
  return before !== undefined && same(withoutSecurity(object.body), withoutSecurity(before.body))
}

const SECURITY: ReadonlySet<string> = new Set(['securityContext', 'hostPID', 'hostIPC'])

function withoutSecurity(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(withoutSecurity)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (SECURITY.has(key) ? [] : [[key, withoutSecurity(each)]])),
  )
}

/** Rules of roles lead from no application to another, and no policy is an asset or an entry. */
function givesNoApplication(object: KubeObject, before?: KubeObject): boolean {
  if (isNetworkPolicy(object) || needsTheSame(object, before)) return true
  return isRole(object) && before !== undefined && field(object.body, 'metadata') === field(before.body, 'metadata')
}

function exposedBy(cluster: Cluster, enforced: Enforced): ReadonlyMap<string, 'yes' | 'unknown'> {
  const exposed = new Map<string, 'yes' | 'unknown'>()
  for (const { workload, truth } of exposures(cluster, { enforced }))
    if (exposed.get(workload) !== 'yes') exposed.set(workload, truth)
  return exposed
}

export interface PlanOptions {
  /** How many steps are looked for. */
  readonly steps: number
  readonly facts?: Facts
  readonly proof?: Partial<ProofOptions>
  /** Called whenever a cluster was judged: the one before it is garbage. */
  readonly judged?: () => void
}

/** The few changes that lower the risk most, each with its proof. */
export function plan(base: Analysis, options: Options, planning: PlanOptions): Plan {
  const { input } = base
  const enforced = options.enforced ?? 'assume'
  const proved = ({ cluster }: Outlook): Proved => ({ cluster, enforced })
  let latest: Analysis = base
  const judgeAgain = (objects: readonly KubeObject[]): Analysis => {
    if (objects === latest.objects) return latest
    if (objects === base.objects) return base
    latest = analyse({ ...input, objects }, options, latest)
    planning.judged?.()
    return latest
  }
  return makePlan({
    base,
    steps: planning.steps,
    ...(base.weights === SHIPPED ? { equal: () => judgedWith(base, EQUAL) } : {}),
    hasHistory: planning.facts !== undefined,
    judge: judgeAgain,
    propose: ({ objects }) => propose(contextOf(judgeAgain(objects), enforced, planning.facts)),
    files: patchedFiles({ names: input.files, bytes: input.bytes }, input.objects),
    prove: (before, after, fixes) =>
      prove(proved(before), proved(after), fixes, planning.facts, { ...PROOF_OPTIONS, ...planning.proof }),
  })
}

/** The same cluster and edges, valued otherwise. */
function judgedWith(analysis: Analysis, weights: Weights): Outlook {
  return { ...analysis, weights, ...valued({ ...analysis, weights }) }
}

function contextOf(analysis: Analysis, enforced: Enforced, facts: Facts | undefined): FixContext {
  const { cluster, applications, dependencies, edges, exposed } = analysis
  return {
    cluster,
    applications,
    dependencies,
    edges,
    exposed,
    policy: policyOf(cluster),
    network: networkModel(cluster, { enforced }),
    ...(facts ? { used: facts } : {}),
  }
}

/** Every fix that is known for the cluster as it is, whether or not the plan has it. */
export function fixesOf(analysis: Analysis, options: Options, facts: Facts | undefined): readonly Fix[] {
  return propose(contextOf(analysis, options.enforced ?? 'assume', facts))
}

export interface Brought {
  /** Objects as they would be applied. */
  readonly applied: readonly KubeObject[]
  /** Ids of objects that would be deleted: `KIND/NAMESPACE/NAME`. */
  readonly deleted: readonly string[]
  readonly facts: Facts | undefined
  readonly proof: Partial<ProofOptions>
}

/** The proof of any change that a user brings, and the ids to delete that the input does not hold. */
export function proofOf(
  base: Analysis,
  options: Options,
  brought: Brought,
): { proof: Proof; unknown: readonly string[]; notes: readonly string[] } {
  const { cluster } = base
  const deleted = brought.deleted.map((id) => ({
    id,
    object: cluster.objects.find((each) => !each.made && isNamed(each, id)),
  }))
  const gone = deleted.flatMap(({ object }) => object ?? [])
  const fixes = fixOf(cluster, brought.applied, gone)
  return {
    proof: proofOfFixes(base, options, fixes, brought.facts, brought.proof),
    notes:
      fixes.length === 0
        ? ['the input holds all of this as it is: nothing would change']
        : fixes.flatMap((fix) => fix.notes),
    unknown: deleted.flatMap(({ id, object }) => (object ? [] : [id])),
  }
}

/** The proof of fixes that are made together. */
export function proofOfFixes(
  { input, cluster }: Analysis,
  options: Options,
  fixes: readonly Fix[],
  facts: Facts | undefined,
  proof: Partial<ProofOptions>,
): Proof {
  const enforced = options.enforced ?? 'assume'
  // A change may be of what a definition makes, which then counts as it is given.
  const objects = [...input.objects, ...cluster.objects.filter(({ made }) => made)]
  const after = analyse({ ...input, objects: fixes.reduce(applyFix, objects) }, options)
  return prove({ cluster, enforced }, { cluster: after.cluster, enforced }, fixes, facts, {
    ...PROOF_OPTIONS,
    ...proof,
  })
}

/** The group of a kind may be left out, as kubectl lets one. */
function isNamed({ id, kind, namespace, name }: KubeObject, wanted: string): boolean {
  return id === wanted || `${kind}/${namespace}/${name}`.toLowerCase() === wanted.toLowerCase()
}
