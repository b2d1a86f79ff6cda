import { AWS_AUTH, awsMappings, mappingPath } from '../aws-auth.ts'
import { type Because, because } from '../because.ts'
import type { Cluster } from '../cluster.ts'
import { at, field, list, string, strings } from '../json.ts'
import type { KubeObject } from '../object.ts'
import { labelsOf } from '../object.ts'
import type {
  AccessEntry,
  AccessPolicyAssociation,
  AuthenticationMode,
  CloudExports,
  EksExports,
  PodIdentity,
} from './exports.ts'
import { principalKey } from './identity.ts'

/** What is known of the EKS cluster that the input is of. */
export interface OurEks {
  readonly name: string | undefined
  /** False where the exports are of several clusters, and nothing says which of them this is. */
  readonly isSure: boolean
  readonly mode: AuthenticationMode | undefined
  readonly issuer: string | undefined
  readonly mappings: readonly AwsMapped[]
  readonly associations: readonly (AccessPolicyAssociation & Lets)[]
  readonly podIdentities: readonly PodIdentity[]
  /** Whether an export lists the Pod Identity associations, or objects of ACK do. */
  readonly toldPodIdentities: boolean
}

interface Lets {
  readonly truth: 'yes' | 'unknown'
}

/** As whom an AWS principal is let into the cluster, by an access entry or by aws-auth. */
export interface AwsMapped extends Lets {
  readonly principal: string
  /** May hold `{{SessionName}}` and the like. */
  readonly username: string
  readonly groups: readonly string[]
  readonly by: 'access entry' | 'aws-auth'
  /** Whether it lets nodes in, each under its own name. */
  readonly isForNodes: boolean
  readonly because: Because
}

const ACK = 'eks.services.k8s.aws'
const CLUSTER_LABELS: readonly string[] = ['alpha.eksctl.io/cluster-name', 'eks.amazonaws.com/cluster-name']

/** Undefined of a cluster of which nothing says that it is one of EKS. */
export function eksOf(cluster: Cluster, { eks }: CloudExports): OurEks | undefined {
  const entries = [...eks.entries, ...ackEntries(cluster)]
  const associations = [...eks.associations, ...ackAssociations(cluster)]
  const ackPods = ackPodIdentities(cluster)
  const podIdentities = [...eks.podIdentities, ...ackPods]
  if (!isEks(cluster, eks) && entries.length + podIdentities.length === 0) return undefined
  const { name, isSure } = ourName(cluster, [
    ...eks.clusters.map((each) => each.name),
    ...named(entries),
    ...named(associations),
    ...named(podIdentities),
  ])
  const isOurs = (each: { readonly cluster?: string }): boolean =>
    !isSure || each.cluster === undefined || each.cluster === name
  const ours = eks.clusters.filter((each) => each.name === name)
  const own = isSure ? ours[0] : eks.clusters.length === 1 ? eks.clusters[0] : undefined
  const mode = own?.mode
  const truth = isSure ? 'yes' : 'unknown'
  const mapped = mode === 'CONFIG_MAP' ? [] : merged(entries.filter(isOurs)).map((each) => entryMapped(each, truth))
  const taken = new Set(mapped.map((each) => principalKey(each.principal)))
  const isAuthMap = mode === 'CONFIG_MAP' || mode === 'API_AND_CONFIG_MAP'
  const fromMap =
    mode === 'API'
      ? []
      : authMapped(cluster.get(AWS_AUTH), isAuthMap && isSure ? 'yes' : 'unknown').filter(
          ({ principal }) => !taken.has(principalKey(principal)),
        )
  return {
    name,
    isSure,
    mode,
    issuer: own?.issuer,
    mappings: [...mapped, ...fromMap],
    associations: mode === 'CONFIG_MAP' ? [] : associations.filter(isOurs).map((each) => ({ ...each, truth })),
    podIdentities: podIdentities.filter(isOurs),
    toldPodIdentities: podIdentities.length > 0,
  }
}

function isEks(cluster: Cluster, eks: EksExports): boolean {
  if (eks.clusters.length + eks.associations.length > 0 || cluster.get(AWS_AUTH)) return true
  return cluster.placement.nodes.some(
    ({ object, labels }) =>
      string(at(object?.body, 'spec', 'providerID'))?.startsWith('aws:') === true &&
      [...labels.keys()].some((key) => key.startsWith('eks.amazonaws.com/') || key.startsWith('alpha.eksctl.io/')),
  )
}

function ourName(cluster: Cluster, told: readonly string[]): { name: string | undefined; isSure: boolean } {
  const names = new Set(told)
  if (names.size <= 1) return { name: [...names][0], isSure: true }
  for (const { labels } of cluster.placement.nodes)
    for (const key of CLUSTER_LABELS) {
      const name = labels.get(key)
      if (name !== undefined && names.has(name)) return { name, isSure: true }
    }
  return { name: undefined, isSure: false }
}

function named(items: readonly { readonly cluster?: string }[]): readonly string[] {
  return items.flatMap(({ cluster }) => cluster ?? [])
}

/** `list-access-entries` names principals alone; what describes one of them says the rest. */
function merged(entries: readonly AccessEntry[]): readonly AccessEntry[] {
  const found = new Map<string, AccessEntry>()
  for (const entry of entries) {
    const key = `${principalKey(entry.principal)} ${entry.cluster ?? ''}`
    if (found.get(key)?.groups === undefined) found.set(key, entry)
  }
  const described = new Set(
    [...found.values()].filter(({ groups }) => groups).map(({ principal }) => principalKey(principal)),
  )
  return [...found.values()].filter(({ groups, principal }) => groups || !described.has(principalKey(principal)))
}

const NODE_TYPES: ReadonlySet<string> = new Set(['EC2_LINUX', 'EC2_WINDOWS', 'EC2', 'HYBRID_LINUX', 'HYPERPOD_LINUX'])
const NODE_TEMPLATE = 'system:node:{{EC2PrivateDNSName}}'

function entryMapped(entry: AccessEntry, truth: Lets['truth']): AwsMapped {
  const isForNodes = entry.type !== undefined && NODE_TYPES.has(entry.type)
  return {
    principal: entry.principal,
    username: entry.username ?? (isForNodes ? NODE_TEMPLATE : usualName(entry.principal)),
    groups: isForNodes ? ['system:nodes'] : (entry.groups ?? []),
    by: 'access entry',
    isForNodes,
    truth: entry.groups === undefined ? 'unknown' : truth,
    because: entry.from,
  }
}

/** The user name that EKS gives to an access entry which names none: the ARN, of a role that of its session. */
function usualName(principal: string): string {
  const role = /^arn:([\w-]{1,32}):iam::(\d{1,20}):role\/(?:.*\/)?([^/]{1,256})$/.exec(principal)
  return role ? `arn:${role[1]}:sts::${role[2]}:assumed-role/${role[3]}/{{SessionName}}` : principal
}

function authMapped(object: KubeObject | undefined, truth: Lets['truth']): readonly AwsMapped[] {
  return awsMappings(object).map((mapping) => ({
    principal: mapping.arn,
    username: mapping.username,
    groups: mapping.groups,
    by: 'aws-auth',
    isForNodes: mapping.username.includes('{{EC2PrivateDNSName}}'),
    truth,
    because: because(`${mapping.list}[${mapping.index}] lets in ${mapping.arn}`, mapping.object, mappingPath(mapping)),
  }))
}

/** Objects by which the controller of ACK makes access entries: what they say is what was asked for. */
function ackEntries(cluster: Cluster): readonly AccessEntry[] {
  return cluster.ofKind('AccessEntry', ACK).flatMap((object): readonly AccessEntry[] => {
    const spec = field(object.body, 'spec')
    const principal = string(field(spec, 'principalARN'))
    if (principal === undefined) return []
    const username = string(field(spec, 'username'))
    const type = string(field(spec, 'type'))
    return [
      {
        ...clusterName(object),
        principal,
        ...(username === undefined ? {} : { username }),
        groups: strings(field(spec, 'kubernetesGroups')),
        ...(type === undefined ? {} : { type }),
        from: because(`access entry of ${principal}`, object, ['spec', 'principalARN']),
      },
    ]
  })
}

function ackAssociations(cluster: Cluster): readonly AccessPolicyAssociation[] {
  return cluster.ofKind('AccessEntry', ACK).flatMap((object) => {
    const spec = field(object.body, 'spec')
    const principal = string(field(spec, 'principalARN'))
    if (principal === undefined) return []
    return list(field(spec, 'accessPolicies')).flatMap((item, index): readonly AccessPolicyAssociation[] => {
      const arn = string(field(item, 'policyARN'))
      if (arn === undefined) return []
      const policy = arn.slice(arn.lastIndexOf('/') + 1)
      const isCluster = string(at(item, 'accessScope', 'type'))?.toLowerCase() === 'cluster'
      return [
        {
          ...clusterName(object),
          principal,
          policy,
          ...(isCluster ? {} : { namespaces: strings(at(item, 'accessScope', 'namespaces')) }),
          from: because(`${policy} for ${principal}`, object, ['spec', 'accessPolicies', index]),
        },
      ]
    })
  })
}

function ackPodIdentities(cluster: Cluster): readonly PodIdentity[] {
  return cluster.ofKind('PodIdentityAssociation', ACK).flatMap((object): readonly PodIdentity[] => {
    const spec = field(object.body, 'spec')
    const namespace = string(field(spec, 'namespace'))
    const account = string(field(spec, 'serviceAccount'))
    const role = string(field(spec, 'roleARN'))
    if (namespace === undefined || account === undefined) return []
    return [
      {
        ...clusterName(object),
        namespace,
        account,
        ...(role === undefined ? {} : { role }),
        from: because(`Pod Identity association of ${namespace}/${account}`, object, ['spec', 'serviceAccount']),
      },
    ]
  })
}

function clusterName(object: KubeObject): { readonly cluster?: string } {
  const cluster =
    string(at(object.body, 'spec', 'clusterName')) ?? labelsOf(object.body).get('eks.amazonaws.com/cluster')
  return cluster === undefined ? {} : { cluster }
}
