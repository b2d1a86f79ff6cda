import { hash8, hash53 } from '../../cluster/hash.ts'
import { at, type Json, type JsonObject, string } from '../../cluster/json.ts'
import { idOf, idParts, type KubeObject } from '../../cluster/object.ts'
import type { Workload } from '../../cluster/workload.ts'
import type { NetworkModel } from '../../engines/network/model.ts'
import type { Direction } from '../../engines/network/policy.ts'
import { isProtocol } from '../../engines/network/ports.ts'
import type { SetId } from '../../engines/network/sets.ts'
import type { Fix, FixContext, Proposer } from '../fix.ts'
import { fixIds } from '../slug.ts'
import { admitsAll, type Labels, rulesOf } from './allowance.ts'
import { needsApiServer } from './api-use.ts'
import { type Declared, declaredBy, whyUndeclared } from './declared.ts'
import { dnsNeeds } from './dns.ts'
import { joinNeeds, type Needs, shortName, toApiServer, toWorkload } from './ends.ts'
import { evidenceOf, recordedNeeds } from './recorded.ts'
import { scrapedBy } from './scrapes.ts'
import { selectorOf } from './selector.ts'
import { type Served, servedBy } from './served.ts'
import { type UncalledPorts, uncalledPorts } from './uncalled.ts'

/** Parts of the cluster that everything calls, and that are named by nobody. */
const SYSTEM: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease', 'openshift-dns'])

/**
 * NetworkPolicies that leave workloads the peers they need, by what was recorded or, where nothing was, by what is
 * declared. Policies add up: a direction that another policy isolates is left as it is, for a rule would widen it.
 */
export const isolate: Proposer = { kind: 'isolate', propose }

interface Survey {
  /** Not the context: it would keep a whole analysis that the plan has left behind. */
  readonly used: FixContext['used']
  readonly dependencies: FixContext['dependencies']
  readonly model: NetworkModel
  readonly declared: Declared
  readonly served: Served
  readonly scraped: (workload: Workload) => Needs
  readonly uncalled: UncalledPorts
  readonly closed: Readonly<Record<Direction, SetId>>
  readonly nameOf: (workload: Workload, directions: readonly Direction[]) => string
  readonly found: Map<Workload, { readonly why: string | undefined; readonly isolation: Isolation | undefined }>
}

interface Isolation {
  readonly workload: Workload
  readonly policy: KubeObject
  readonly directions: readonly Direction[]
  readonly notes: readonly string[]
}

function* propose(context: FixContext): Generator<Fix> {
  const { network: model, cluster, applications } = context
  if (model.enforcement.truth === 'no') return
  const survey = surveyOf(context)
  const idFor = fixIds('isolate')
  const found = new Map<string, Isolation>()
  for (const workload of [...cluster.workloads].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const isolation = isolationOf(survey, workload, needsApiServer(context, workload))
    if (!isolation) continue
    found.set(workload.id, isolation)
    yield fixOf(idFor(workload.id, workload.namespace, workload.name), titleOf(isolation), [isolation])
  }
  for (const { id, name, workloads } of applications.all) {
    const isolations = workloads.flatMap((each) => found.get(each) ?? [])
    for (const [namespace, own] of Map.groupBy(isolations, ({ workload }) => workload.namespace)) {
      if (own.length < 2) continue
      const title = `Isolate the ${own.length} workloads of ${name} in ${namespace} to the peers they need`
      yield fixOf(idFor(`${id} ${namespace}`, namespace, name, 'application'), title, own)
    }
  }
}

/** A change of roles leaves the model of the network as it is, and all that it needs of workloads but the API server. */
const surveys = new WeakMap<NetworkModel, Survey>()

function surveyOf(context: FixContext): Survey {
  const { network: model, used, dependencies } = context
  const known = surveys.get(model)
  if (known && known.used === used && known.dependencies === dependencies) return known
  const [declared, served, scraped] = [declaredBy(context), servedBy(model), scrapedBy(model)]
  const callers = (workload: Workload): Needs =>
    joinNeeds([declared.callersOf(workload.id), served.needsOf(workload.id, [])])
  const survey: Survey = {
    used,
    dependencies,
    model,
    declared,
    served,
    scraped,
    uncalled: uncalledPorts(model, callers),
    closed: { ingress: closedBy(model, 'ingress'), egress: closedBy(model, 'egress') },
    nameOf: policyNames(context),
    found: new Map(),
  }
  surveys.set(model, survey)
  return survey
}

/** `why` it must be let out to the API server. */
function isolationOf(survey: Survey, workload: Workload, why: string | undefined): Isolation | undefined {
  const known = survey.found.get(workload)
  if (known && known.why === why) return known.isolation
  const isolation = isolationFor(survey, workload, why)
  survey.found.set(workload, { why, isolation })
  return isolation
}

function titleOf({ workload, directions }: Isolation): string {
  const name = shortName(workload.id)
  if (directions.length === 2) return `Isolate ${name} to the peers it needs`
  return directions[0] === 'ingress' ? `Admit to ${name} only who needs it` : `Let ${name} out only to what it needs`
}

function fixOf(id: string, title: string, isolations: readonly Isolation[]): Fix {
  const [first] = isolations as readonly [Isolation, ...Isolation[]]
  const notes =
    isolations.length === 1
      ? first.notes
      : isolations.flatMap(({ workload, notes }) => notes.map((note) => `${workload.name}: ${note}`))
  return {
    id,
    kind: isolate.kind,
    title,
    changes: isolations.map(({ policy }) => ({ action: 'add', object: policy })),
    witness: 'connections',
    serves: first.workload.id,
    around: isolations.map(({ workload }) => workload.id),
    notes,
  }
}

/** Those that a policy isolates in a direction, or may; of other kinds, those of the plugin that enforces them all. */
function closedBy(model: NetworkModel, direction: Direction): SetId {
  const others = model.denying[direction].filter(({ policy }) => policy.byNetworkPlugin)
  return model.sets.unite([model.isolated[direction].may, ...others.map(({ subjects }) => subjects.may)])
}

function isolationFor(survey: Survey, workload: Workload, why: string | undefined): Isolation | undefined {
  const { model } = survey
  const members = model.membersOf(workload.id)
  if (SYSTEM.has(workload.namespace) || members.length === 0 || members.some(({ kind }) => kind === 'host'))
    return undefined
  const isOpen = (direction: Direction): boolean =>
    !members.some(({ index }) => model.sets.has(survey.closed[direction], index))
  const open = (['ingress', 'egress'] as const).filter(isOpen)
  if (open.length === 0) return undefined
  const selector = selectorOf(model, workload)
  if (!selector?.isExact) return undefined
  const notes: string[] = []
  const rules: { direction: Direction; rules: readonly Json[] }[] = []
  for (const direction of open) {
    const needs = direction === 'ingress' ? ingressOf(survey, workload) : egressOf(survey, workload, why)
    notes.push(...needs.notes)
    if (needs.allowances !== undefined && !admitsAll(needs.allowances))
      rules.push({ direction, rules: rulesOf(needs.allowances, direction, workload.namespace) })
  }
  if (rules.length === 0) return undefined
  const directions = rules.map(({ direction }) => direction)
  const name = survey.nameOf(workload, directions)
  return {
    workload,
    policy: policyOf(workload, name, selector.labels, rules),
    directions,
    notes: [...new Set(notes)],
  }
}

type Decided = Needs | { readonly allowances: undefined; readonly notes: readonly string[] }

function ingressOf(survey: Survey, workload: Workload): Decided {
  const { used, model, declared, served, scraped } = survey
  const peers = used?.peers(workload.id, 'ingress')
  const seen = (peers ?? []).flatMap(({ end, port, ...peer }) => {
    const protocol = peer.protocol.toUpperCase()
    return end.kind === 'workload' && isProtocol(protocol) ? [{ protocol, port }] : []
  })
  const callers = [declared.callersOf(workload.id), served.needsOf(workload.id, seen)]
  if (peers === undefined) {
    const why = whyUndeclared(model, workload)
    if (why !== undefined)
      return { allowances: undefined, notes: [`ingress stays open, no traffic was recorded: ${why}`] }
    // Who collects metrics is not who a Service is there for.
    const known = joinNeeds(callers)
    return joinNeeds([
      note(
        'ingress is from declared dependencies, no traffic was recorded: a caller that the input does not show is refused',
      ),
      known,
      scraped(workload),
      ofItself(survey, workload),
      survey.uncalled.ingressOf(workload, known),
    ])
  }
  const recorded = { model, workload, direction: 'ingress', peers, ...calling(declared, workload) } as const
  return joinNeeds([note(`ingress is from ${evidenceOf(peers)}`), recordedNeeds(recorded), ...callers])
}

function egressOf(survey: Survey, workload: Workload, why: string | undefined): Decided {
  const { used, model, declared } = survey
  const always = [
    dnsNeeds(model, workload),
    declared.callsOf(workload.id),
    ...(why === undefined ? [] : [note(`it is let out to the API server: ${why}`), toApiServer(model.cluster)]),
  ]
  const peers = used?.peers(workload.id, 'egress')
  if (peers === undefined) {
    const outside = declared.outsideOf(workload)
    if (typeof outside === 'string')
      return { allowances: undefined, notes: [`egress stays open, no traffic was recorded: ${outside}`] }
    return joinNeeds([
      note('egress is from declared dependencies, no traffic was recorded'),
      ...always,
      ofItself(survey, workload),
      survey.uncalled.egressOf(workload, declared.callsOf(workload.id)),
      outside,
    ])
  }
  const recorded = { model, workload, direction: 'egress', peers, ...calling(declared, workload) } as const
  return joinNeeds([note(`egress is from ${evidenceOf(peers)}`), recordedNeeds(recorded), ...always])
}

function calling(declared: Declared, { id }: Workload): Pick<Declared, 'servicePorts'> & { callsNames: boolean } {
  return { callsNames: declared.callsNames(id), servicePorts: declared.servicePorts }
}

function note(text: string): Needs {
  return { allowances: [], notes: [text] }
}

function ofItself({ model, declared }: Survey, workload: Workload): Needs {
  return declared.callsItself(workload) ? toWorkload(model, workload.id, []) : { allowances: [], notes: [] }
}

function policyOf(
  { namespace, object }: Workload,
  name: string,
  labels: Labels,
  rules: readonly { readonly direction: Direction; readonly rules: readonly Json[] }[],
): KubeObject {
  const types = { ingress: 'Ingress', egress: 'Egress' } as const
  const body: JsonObject = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    // An object that is placed by `-n` stays with those that are.
    metadata: { name, ...(object && !isPlaced(object) ? {} : { namespace }) },
    spec: {
      podSelector: { matchLabels: { ...labels } },
      policyTypes: rules.map(({ direction }) => types[direction]),
      ...Object.fromEntries(rules.map((each) => [each.direction, each.rules])),
    },
  }
  return {
    id: idOf('NetworkPolicy', namespace, name),
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'NetworkPolicy',
    namespace,
    name,
    body,
  }
}

function isPlaced({ body }: KubeObject): boolean {
  return string(at(body, 'metadata', 'namespace')) !== undefined
}

const LONGEST = 253

/** `bulkhead-<workload>`, told apart from policies there are, and from those of workloads of the same name. */
function policyNames({ cluster }: FixContext): Survey['nameOf'] {
  const names = new Map<string, number>()
  const keyOf = ({ namespace, name }: Workload): string => `${namespace}/${name}`
  for (const workload of cluster.workloads) names.set(keyOf(workload), (names.get(keyOf(workload)) ?? 0) + 1)
  return (workload, directions) => {
    const { id, namespace, name } = workload
    const own = (names.get(keyOf(workload)) ?? 0) > 1 ? `${name}-${idParts(id).type.toLowerCase()}` : name
    const plain = `bulkhead-${isName(own) ? own : `${slugOf(own)}-${hashOf(id)}`}`
    const isFree = (each: string): boolean => cluster.get(idOf('NetworkPolicy', namespace, each)) === undefined
    if (isFree(plain)) return plain
    const longer = `${plain}-${directions.join('-')}`
    return isFree(longer) ? longer : `${longer}-${hashOf(`${id} ${directions.join()}`)}`
  }
}

/** RFC 1123 subdomain, with room for what is put before and after it. */
function isName(text: string): boolean {
  return text.length < LONGEST - 50 && text.split('.').every((label) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label))
}

function slugOf(text: string): string {
  const slug = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return slug.slice(0, LONGEST - 60).replaceAll(/^-|-$/g, '')
}

function hashOf(text: string): string {
  return hash8([hash53(text)])
}
