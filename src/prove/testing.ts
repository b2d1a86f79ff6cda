import { buildCluster, type Cluster } from '../cluster/cluster.ts'
import type { Json } from '../cluster/json.ts'
import { objectsOf } from '../cluster/testing.ts'
import { DAY_MS } from '../engines/seen.ts'
import type { Fix, Witness } from '../fix/fix.ts'
import type { Access, Connection, Coverage, End, History, SourceCoverage, UnresolvedWhy } from '../history/history.ts'
import { collectFacts, type Facts } from './facts.ts'
import type { Proof } from './proof.ts'
import { PROOF_OPTIONS, type ProofOptions, prove } from './prove.ts'

/** For tests: a history in memory, whose days begin on Thursday, 2026-01-01. */

export const START = Date.parse('2026-01-01T00:00:00Z')

export interface Recorded {
  readonly accesses?: readonly Partial<Access>[]
  readonly connections?: readonly Partial<Connection>[]
  readonly audit?: Partial<SourceCoverage>
  readonly flows?: Partial<SourceCoverage>
}

const BATCH = 100

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += BATCH) yield all.slice(at, at + BATCH)
}

export function memory({ accesses, connections, audit, flows }: Recorded): History {
  const whole = (accesses ?? []).map(accessOf)
  const links = (connections ?? []).map(connectionOf)
  const sources: SourceCoverage[] = []
  if (accesses) sources.push(coverageOf('audit', whole, audit))
  if (connections) sources.push(coverageOf('flows', links, flows))
  return {
    async *accesses() {
      yield* batches(whole)
    },
    async *connections() {
      yield* batches(links)
    },
    coverage: (): Coverage => ({ sources }),
  }
}

function coverageOf(
  kind: SourceCoverage['kind'],
  records: readonly { readonly time: number }[],
  more: Partial<SourceCoverage> = {},
): SourceCoverage {
  const times = records.map(({ time }) => time)
  return {
    kind,
    files: [`${kind}.log`],
    records: records.length,
    unread: 0,
    from: times.reduce((first, time) => Math.min(first, time), times[0] ?? 0),
    to: times.reduce((last, time) => Math.max(last, time), 0),
    gaps: [],
    lost: [],
    unresolved: {},
    levels: {},
    forms: [],
    hides: { fields: [], verbs: [] },
    shown: new Map(),
    leftOut: {},
    problems: [],
    nodes: [],
    ...more,
  }
}

function accessOf(given: Partial<Access>, index: number): Access {
  const time = given.time ?? START
  const base = {
    id: `event-${index}`,
    time,
    end: time,
    user: 'alice',
    groups: [],
    verb: 'get',
    resource: 'pods',
    group: '',
    subresource: '',
    namespace: '',
    name: '',
    path: '',
    query: '',
    waited: 0,
    decision: 'allow',
    reason: '',
    credential: '',
    session: '',
    issued: '',
    sources: [],
    code: 200,
    dryRun: false,
    userAgent: '',
    place: { file: 'audit.log', line: index + 1 },
  } as const
  const access = { ...base, ...given }
  // As the port has it: what is made has no name for the authorizer, and one in the event.
  const name = access.verb === 'create' && access.subresource === '' ? '' : access.name
  const objectRef = { resource: access.resource, name: access.name }
  const raw = JSON.stringify({ auditID: access.id, verb: access.verb, user: access.user, objectRef })
  return { ...access, name, raw: () => raw }
}

function connectionOf(given: Partial<Connection>, index: number): Connection {
  const connection = {
    time: START,
    source: { kind: 'api-server' } as End,
    destination: { kind: 'api-server' } as End,
    protocol: 'TCP',
    port: 80,
    verdict: 'forwarded' as const,
    place: { file: 'flows.log', line: index + 1 },
    ...given,
  }
  return { ...connection, raw: () => JSON.stringify({ time: connection.time, port: connection.port }) }
}

/** One record for each of so many days, the same time each. */
export function daily<T extends object>(days: number, record: T, from = 0): readonly (T & { readonly time: number })[] {
  return Array.from({ length: days }, (_, day) => ({ ...record, time: START + (from + day) * DAY_MS }))
}

export function account(namespace: string, name: string): Pick<Access, 'user' | 'groups'> {
  return {
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  }
}

export function pod(workload: string, name = ''): End {
  return { kind: 'workload', workload, pod: name }
}

export function unresolved(namespace = '', why: UnresolvedWhy = 'reused'): End {
  return { kind: 'unresolved', why, namespace, address: '10.0.0.9' }
}

/** The YAML of a Role and the binding that gives it, both in `shop`. */
export function grant(name: string, rule: string, subject = 'kind: ServiceAccount, name: ci, namespace: shop'): string {
  return `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: ${name}, namespace: shop}
rules: [{${rule}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ${name}, namespace: shop}
roleRef: {kind: Role, name: ${name}}
subjects: [{${subject}}]`
}

export const SECRETS = 'verbs: [get], apiGroups: [""], resources: [secrets]'

export interface Question {
  readonly before: Cluster
  readonly after: Cluster
  readonly facts: Facts | undefined
  prove(options?: Partial<ProofOptions>): Proof
}

/** The cluster of the YAML, without the objects whose ids are given (or of the YAML that is to replace it), and a history of it. */
export async function question(
  yaml: string,
  without: readonly string[] | string,
  history: Recorded | undefined,
  witness: Witness = 'access',
): Promise<Question> {
  const objects = objectsOf(yaml)
  const before = buildCluster({ objects })
  const after = buildCluster({
    objects: typeof without === 'string' ? objectsOf(without) : objects.filter(({ id }) => !without.includes(id)),
  })
  const facts = history && (await collectFacts(memory(history), before))
  const proved = { before: { cluster: before, enforced: 'yes' }, after: { cluster: after, enforced: 'yes' } } as const
  return {
    before,
    after,
    facts,
    prove: (options = {}) =>
      prove(proved.before, proved.after, [fixOf(witness)], facts, { ...PROOF_OPTIONS, ...options }),
  }
}

export function fixOf(witness: Witness): Fix {
  return { id: 'fix', kind: 'test', title: 'Change it', changes: [], witness, notes: [] }
}

export function auditPolicy(...rules: readonly Json[]): Json {
  return { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules }
}
