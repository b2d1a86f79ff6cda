import { type Because, because } from '../../cluster/because.ts'
import type { GcpExports, GcpMachine, GcpNodePool } from '../../cluster/cloud/gcp-exports.ts'
import { at, string } from '../../cluster/json.ts'
import type { ClusterNode } from '../../cluster/node.ts'
import type { CloudContext } from './context.ts'

/** What exports tell of the machine of a node of GKE. */
export interface GoogleMachine {
  /** `projects/P/zones/Z/instances/N`. */
  readonly resource: string
  readonly project: string
  /** The e-mail of its service account, or words for one that is not known. */
  readonly account: string
  readonly hasAccount: 'yes' | 'no' | 'unknown'
  /** Whether its credentials are all of that account, by an export that is surely of this machine. */
  readonly isSure: boolean
  readonly metadata: string | undefined
  /** Whether OS Login is switched on; undefined: not told. */
  readonly osLogin: boolean | undefined
  readonly isAutopilot: boolean
  readonly from: Because
  readonly because: readonly Because[]
}

const PROVIDER = /^gce:\/\/([^/]{1,200})\/([^/]{1,100})\/([^/]{1,200})$/
/** A project has some hundred clusters of a few pools each. */
const MOST_POOLS = 2_000
const POOL = 'cloud.google.com/gke-nodepool'
/** With it tokens are for all that the account may do; any other narrows them. */
const ALL = 'https://www.googleapis.com/auth/cloud-platform'

const known = new WeakMap<CloudContext, ReadonlyMap<string, GoogleMachine>>()

/** By the ids of nodes; those alone of which an export tells. */
export function googleMachines(context: CloudContext): ReadonlyMap<string, GoogleMachine> {
  const done = known.get(context)
  if (done) return done
  const { gcp } = context.exports
  const found = new Map<string, GoogleMachine>()
  const byResource = new Map(gcp.machines.map((each) => [`${each.project} ${each.zone} ${each.name}`, each]))
  const pools = Map.groupBy(gcp.pools.slice(0, MOST_POOLS), ({ name }) => name)
  if (byResource.size + pools.size > 0)
    for (const node of context.cluster.placement.nodes) {
      const made = machineOf(node, gcp, byResource, pools)
      if (made) found.set(node.id, made)
    }
  known.set(context, found)
  return found
}

function machineOf(
  { object, labels }: ClusterNode,
  gcp: GcpExports,
  byResource: ReadonlyMap<string, GcpMachine>,
  pools: ReadonlyMap<string, readonly GcpNodePool[]>,
): GoogleMachine | undefined {
  const [, project, zone, name] = PROVIDER.exec(string(at(object?.body, 'spec', 'providerID')) ?? '') ?? []
  if (project === undefined || zone === undefined || name === undefined) return undefined
  const resource = `projects/${project}/zones/${zone}/instances/${name}`
  const machine = byResource.get(`${project} ${zone} ${name}`)
  const { pool, isSure } = poolOf(resource, project, pools.get(labels.get(POOL) ?? '') ?? [])
  if (!machine && !pool) return undefined
  const from = (pool ?? machine)?.from as Because
  const common = gcp.compute.get(project)
  const told = {
    resource,
    project,
    metadata: pool && isSure ? pool.metadata : undefined,
    osLogin: machine?.osLogin ?? common?.osLogin,
    isAutopilot: pool?.isAutopilot === true && isSure,
    from,
  }
  // The instance itself goes before what its pool says that new ones get.
  if (machine && machine.account === undefined)
    return {
      ...told,
      account: '',
      hasAccount: 'no',
      isSure: false,
      because: [machine.from, because('it has no service account')],
    }
  const email = machine?.account ?? emailOf(pool?.account, project, gcp)
  const scopes = machine ? machine.scopes : pool?.scopes
  const isWide = scopes?.includes(ALL) === true
  const why = [
    machine?.from ?? from,
    ...(email === undefined ? [because('which service account it has is in no export')] : []),
    ...(isWide ? [] : [because(narrowed(scopes))]),
    ...(machine || isSure ? [] : [because('the exports have several node pools of this name')]),
  ]
  return {
    ...told,
    account: email ?? `default service account of ${project}`,
    hasAccount: email !== undefined && (machine || isSure) ? 'yes' : 'unknown',
    isSure: email !== undefined && isWide && (machine !== undefined || isSure),
    because: why,
  }
}

function narrowed(scopes: readonly string[] | undefined): string {
  if (scopes === undefined) return 'which scopes its tokens have is in no export'
  const names = scopes.slice(0, 4).map((each) => each.slice(each.lastIndexOf('/') + 1))
  return `its tokens are good for the scopes ${names.join(', ')}${scopes.length > 4 ? ', …' : ''} alone`
}

/** Machines of a pool have names that begin as its instance groups do; without those its name must be the only one. */
function poolOf(
  resource: string,
  project: string,
  named: readonly GcpNodePool[],
): { readonly pool: GcpNodePool | undefined; readonly isSure: boolean } {
  const exact = named.find(({ prefixes }) => prefixes.some((each) => resource.startsWith(each)))
  if (exact) return { pool: exact, isSure: true }
  const may = named.filter((each) => each.prefixes.length === 0 && (each.project ?? project) === project)
  return { pool: may[0], isSure: may.length === 1 }
}

function emailOf(account: string | undefined, project: string, { compute, projects }: GcpExports): string | undefined {
  if (account !== undefined && account !== 'default' && account !== '') return account
  if (account === undefined) return undefined
  const own = compute.get(project)?.account
  const number = [...projects].find(([, id]) => id === project)?.[0]
  return own ?? (number === undefined ? undefined : `${number}-compute@developer.gserviceaccount.com`)
}
