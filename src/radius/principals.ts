import { idParts } from '../cluster/object.ts'
import type { Edge } from '../engines/engine.ts'

/** Edges by which an identity of a cloud comes into this cluster. */
const ENTERING: ReadonlySet<string> = new Set(['enters-as', 'holds-policy', 'cluster-credential'])
/** Edges by which pods and nodes have an identity: it is reached from them, as a service account that workloads run as. */
const GIVEN: ReadonlySet<string> = new Set(['cloud-token', 'metadata', 'node-role'])
/** From who can activate a role to what it is then, which nobody is until somebody does. */
const ACTIVATES = 'azure-activates'

export interface Principals {
  /** Identities that are entries themselves. */
  readonly entries: readonly string[]
  /** By the user or group that is an entry, the identities that come in as it and as nothing else. */
  readonly standFor: ReadonlyMap<string, readonly string[]>
}

/**
 * Identities of a cloud that may act in the cluster. One that comes in as users and groups that are entries is no second
 * entry: the credential is the same. It is one where it holds more: an access policy or a role of its cloud, or comes in
 * as system:masters or a part of the control plane, which are no entries.
 */
export function principalsOf(edges: readonly Edge[], credentials: readonly string[]): Principals {
  const coming = new Map<string, Edge[]>()
  const given = new Set<string>()
  const activated = new Map<string, Edge[]>()
  for (const edge of edges) {
    if (GIVEN.has(edge.kind) && edge.truth === 'yes') given.add(edge.to)
    if (edge.kind === ACTIVATES) {
      const same = activated.get(edge.to)
      if (same) same.push(edge)
      else activated.set(edge.to, [edge])
    }
    if (!ENTERING.has(edge.kind) || !edge.from.startsWith('CloudIdentity/')) continue
    const same = coming.get(edge.from)
    if (same) same.push(edge)
    else coming.set(edge.from, [edge])
  }
  // Who can activate what comes in is the entry, by a step of its own.
  for (const [then, by] of activated)
    if (coming.delete(then))
      for (const edge of by) {
        const same = coming.get(edge.from)
        if (same) same.push(edge)
        else coming.set(edge.from, [edge])
      }
  const entries: string[] = []
  const standFor = new Map<string, string[]>()
  const known = new Set(credentials)
  for (const [identity, own] of coming) {
    if (given.has(identity) || isOfTheCloud(identity)) continue
    if (own.some(({ kind, to }) => kind !== 'enters-as' || (isPowerful(to) && !known.has(to)))) entries.push(identity)
    else
      for (const to of new Set(own.map((edge) => edge.to))) {
        const same = standFor.get(to)
        if (same) same.push(idParts(identity).name)
        else if (known.has(to)) standFor.set(to, [idParts(identity).name])
      }
  }
  for (const names of standFor.values()) names.sort()
  return { entries, standFor }
}

/** A part of the control plane, or system:masters: subjects that are no entries themselves. Nodes have their own. */
function isPowerful(subject: string): boolean {
  const { name } = idParts(subject)
  return name.startsWith('system:') && !/^system:(node|bootstrapper)/.test(name)
}

const AGENTS =
  /^CloudIdentity\/(aws\/arn:[\w-]+:iam::\d+:role\/aws-service-role\/|gcp\/(service-\d+@[a-z0-9.-]+\.iam|\d+@cloudservices)\.gserviceaccount\.com$)/

/** Services of the cloud itself have no credential that anybody holds. */
function isOfTheCloud(identity: string): boolean {
  return AGENTS.test(identity)
}
