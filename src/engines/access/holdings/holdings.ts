import type { RbacPolicy } from '../../../authz/policy.ts'
import { AWS_AUTH, type AwsMapping, awsMappings, letsIn, mappingPath } from '../../../cluster/aws-auth.ts'
import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, type Path, string } from '../../../cluster/json.ts'
import { annotationsOf, idOf, type KubeObject } from '../../../cluster/object.ts'
import type { Subject } from '../../../cluster/rbac.ts'
import type { Membership } from '../questions/view.ts'
import { type Tally, together } from '../signals/tally.ts'
import { bindingHoldings, groupHoldings, type OwnBinding, ownBindings, type UsedBindings } from './granted.ts'
import type { Holding } from './holding.ts'
import { recordedHoldings } from './recorded.ts'
import type { Minted, Trace } from './trace.ts'

/** A client certificate that an object of the input holds. */
export interface HeldCertificate {
  readonly user: string
  readonly groups: readonly string[]
  /** Milliseconds since 1970. */
  readonly from: number
  readonly until: number
  readonly credential: string
  readonly object: KubeObject
  readonly path: Path
}

export interface Held {
  readonly cluster: Cluster
  readonly policy: RbacPolicy
  readonly subject: Subject
  /** The subject under all its names. */
  readonly subjects: readonly Subject[]
  /** User names under which it is logged; none of a group. */
  readonly names: readonly string[]
  readonly memberships: readonly Membership[]
  readonly traces: readonly Trace[]
  /** Of a service account: tokens of it that others asked for. */
  readonly mintedFor: readonly Minted[]
  readonly certificates: readonly HeldCertificate[]
}

export interface Holdings {
  readonly items: readonly Holding[]
  readonly bindings: readonly OwnBinding[]
  /** Entries of aws-auth that let in nobody else. */
  readonly mappings: readonly AwsMapping[]
  /** Of a service account: the Secrets that hold its tokens. */
  readonly tokenSecrets: readonly KubeObject[]
}

/** All that a subject has: what objects give it, what it was seen with, and what it knows. */
export function holdingsOf(held: Held): Holdings {
  const { cluster, policy, subjects, memberships } = held
  const bindings = ownBindings(policy, subjects)
  const mapped = mappingsOf(held)
  const used = usedBindings(held)
  const tokenSecrets = held.subject.kind === 'ServiceAccount' ? tokenSecretsOf(cluster, held.subject) : []
  return {
    items: [
      ...bindingHoldings(policy, bindings, used),
      ...groupHoldings(cluster, policy, memberships, used),
      ...mapped.map(mappingHolding),
      ...tokenSecrets.map(
        (secret): Holding => ({
          kind: 'token-secret',
          title: `a token in Secret ${secret.namespace}/${secret.name}, which does not expire`,
          until: 'never',
          because: [
            because('holds its token', secret, ['metadata', 'annotations', 'kubernetes.io/service-account.name']),
          ],
          places: [],
          ends: 'change',
        }),
      ),
      ...workloadHoldings(held),
      ...recordedHoldings(held),
    ],
    bindings: bindings.filter(({ binding }) => !binding.assumed),
    mappings: mapped.filter(({ truth }) => truth === 'yes').map(({ mapping }) => mapping),
    tokenSecrets,
  }
}

/** Of a person with several names, the use of all of them. */
function usedBindings({ traces }: Held): UsedBindings {
  const sum = new Map<string, Tally>()
  for (const { bindings } of traces) {
    for (const [id, tally] of bindings.all) {
      const same = sum.get(id)
      sum.set(id, same ? together(same, tally) : tally)
    }
  }
  return sum
}

interface Mapped {
  readonly mapping: AwsMapping
  readonly truth: 'yes' | 'may'
}

function mappingsOf({ cluster, names, subject, traces }: Held): readonly Mapped[] {
  if (subject.kind !== 'User') return []
  // A template of nothing but the session's name fits everybody: it is told of those who came from AWS.
  const isOfAws = traces.some(
    ({ credentials, sessions }) => sessions.all.size > 0 || [...credentials.all.keys()].some(isKey),
  )
  return awsMappings(cluster.get(AWS_AUTH)).flatMap((mapping): readonly Mapped[] => {
    const found = names.map((name) => letsIn(mapping, name))
    if (found.includes('yes')) return [{ mapping, truth: 'yes' }]
    const hasText = mapping.username.replace(/\{\{[^}]*\}\}/g, '') !== ''
    return found.includes('may') && (hasText || isOfAws) ? [{ mapping, truth: 'may' }] : []
  })
}

function isKey(credential: string): boolean {
  return credential.startsWith('AKID=')
}

function mappingHolding({ mapping, truth }: Mapped): Holding {
  const { arn, username, groups, object } = mapping
  const named = truth === 'yes' ? '' : `, whose name is made as ${username}: others come by it too`
  return {
    kind: 'cloud-mapping',
    title: `${arn} is let in${groups.length === 0 ? '' : ` in ${groups.join(', ')}`}${named}`,
    because: [because(`maps ${arn} to ${username}`, object, mappingPath(mapping))],
    places: [],
    ends: truth === 'yes' ? 'change' : 'remaining',
  }
}

export function tokenSecretsOf(
  cluster: Cluster,
  { namespace, name }: Pick<Subject, 'namespace' | 'name'>,
): readonly KubeObject[] {
  return cluster
    .ofKind('Secret')
    .filter(
      (secret) =>
        secret.namespace === namespace &&
        string(at(secret.body, 'type')) === 'kubernetes.io/service-account-token' &&
        annotationsOf(secret.body).get('kubernetes.io/service-account.name') === name,
    )
}

/** Workloads that run as a service account: who has their pods has it. */
export function workloadHoldings({ cluster, subject }: Pick<Held, 'cluster' | 'subject'>): readonly Holding[] {
  if (subject.kind !== 'ServiceAccount') return []
  const id = idOf('ServiceAccount', subject.namespace, subject.name)
  return cluster.workloads
    .filter(
      ({ finished, namespace, specs }) =>
        !finished && specs.some(({ pod }) => idOf('ServiceAccount', namespace, pod.serviceAccountName) === id),
    )
    .map((workload) => {
      const [shape] = workload.specs
      return {
        kind: 'workload' as const,
        title: `${workload.kind} ${workload.namespace}/${workload.name} runs as it`,
        because: shape ? [because(`runs as ${subject.name}`, shape.object)] : [],
        places: [],
        ends: 'remaining' as const,
      }
    })
}
