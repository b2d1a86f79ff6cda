import type { Because } from '../../cluster/because.ts'
import { eksOf, type OurEks } from '../../cluster/cloud/eks.ts'
import type { CloudExports } from '../../cluster/cloud/exports.ts'
import { cloudIdentity, principalKey } from '../../cluster/cloud/identity.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { at, string } from '../../cluster/json.ts'
import { annotationsOf, idOf, type KubeObject } from '../../cluster/object.ts'
import type { Shape, Workload } from '../../cluster/workload.ts'
import type { Known } from '../known.ts'
import { type WebTrust, webTrusts } from './web-trust.ts'

export type Certainty = 'yes' | 'unknown'

/** A service account, the object of it where the input has one, and the pods that run as it. */
export interface Account {
  readonly id: string
  readonly namespace: string
  readonly name: string
  readonly object: KubeObject | undefined
  readonly annotations: ReadonlyMap<string, string>
  readonly users: readonly { readonly workload: Workload; readonly shape: Shape }[]
}

export interface CloudContext {
  readonly cluster: Cluster
  readonly known: Known
  readonly exports: CloudExports
  /** Undefined where nothing says that the cluster is one of EKS. */
  readonly eks: OurEks | undefined
  readonly accounts: readonly Account[]
  readonly trusts: readonly WebTrust[]
  /** The project of a cluster of Google Cloud, from the names of its nodes. */
  readonly project: string | undefined
  /** The node of an AWS principal: its ARN as the export has it, since aws-auth leaves paths out. */
  awsNode(arn: string): string
}

export function contextOf(cluster: Cluster, known: Known, exports: CloudExports): CloudContext {
  const byKey = new Map(exports.aws.roles.map(({ arn }) => [principalKey(arn), arn]))
  return {
    cluster,
    known,
    exports,
    eks: eksOf(cluster, exports),
    accounts: accountsOf(cluster),
    trusts: webTrusts(exports.aws.roles),
    project: projectOf(cluster),
    awsNode: (arn) => cloudIdentity('aws', byKey.get(principalKey(arn)) ?? arn),
  }
}

function accountsOf(cluster: Cluster): readonly Account[] {
  const users = new Map<string, { workload: Workload; shape: Shape }[]>()
  const names = new Map<string, { namespace: string; name: string }>()
  for (const workload of cluster.workloads) {
    if (workload.finished) continue
    for (const shape of workload.specs) {
      const id = idOf('ServiceAccount', workload.namespace, shape.pod.serviceAccountName)
      names.set(id, { namespace: workload.namespace, name: shape.pod.serviceAccountName })
      const same = users.get(id)
      if (same) same.push({ workload, shape })
      else users.set(id, [{ workload, shape }])
    }
  }
  for (const { id, namespace, name } of cluster.ofKind('ServiceAccount')) names.set(id, { namespace, name })
  return [...names].map(([id, { namespace, name }]) => {
    const object = cluster.get(id)
    return {
      id,
      namespace,
      name,
      object,
      annotations: object ? annotationsOf(object.body) : new Map(),
      users: users.get(id) ?? [],
    }
  })
}

const PROJECT = /^gce:\/\/([^/]{1,100})\//

/** Of Google Cloud: the name of a node's machine begins with it. */
export function projectOf(cluster: Cluster): string | undefined {
  for (const { object } of cluster.placement.nodes) {
    const project = PROJECT.exec(string(at(object?.body, 'spec', 'providerID')) ?? '')?.[1]
    if (project !== undefined) return project
  }
  return undefined
}

/** As a member of RFC 7523 tokens names it, and the `sub` of every token of it. */
export function subjectOf({ namespace, name }: Pick<Account, 'namespace' | 'name'>): string {
  return `system:serviceaccount:${namespace}:${name}`
}

/** One way from a service account to an identity of a cloud. */
export interface Link {
  readonly to: string
  readonly truth: Certainty
  /** Whether pods of the account get a credential for it, rather than having to ask for a token first. */
  readonly isGiven: (shape: Shape) => boolean
  /** Address from which the credential comes, where it is one of the node. */
  readonly from?: { readonly address: string; readonly port: number }
  readonly rule: string
  readonly because: readonly Because[]
}
