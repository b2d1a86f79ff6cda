import { addressSet } from '../../cluster/addresses.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { idParts } from '../../cluster/object.ts'
import { apiServer } from '../../engines/network/api-server-endpoints.ts'
import type { NetworkModel } from '../../engines/network/model.ts'
import type { Allowance, Peer, Port } from './allowance.ts'
import { ANYWHERE, type Block, blockOf, blocksOf } from './blocks.ts'
import { selectorOf } from './selector.ts'

/** What a direction of a workload needs, and what a reviewer should know of it. */
export interface Needs {
  readonly allowances: readonly Allowance[]
  readonly notes: readonly string[]
}

export const NO_NEEDS: Needs = { allowances: [], notes: [] }

export function joinNeeds(all: readonly Needs[]): Needs {
  return {
    allowances: all.flatMap(({ allowances }) => allowances),
    notes: [...new Set(all.flatMap(({ notes }) => notes))],
  }
}

export function shortName(id: string): string {
  const { namespace, name } = idParts(id)
  return namespace === '' ? name : `${namespace}/${name}`
}

/** The pods of a workload as peers, or its nodes where it is on their network. */
export function toWorkload(model: NetworkModel, id: string, ports: readonly Port[]): Needs {
  const workload = model.cluster.workload(id)
  if (!workload) return { allowances: [], notes: [`${shortName(id)} is no longer in the cluster and is not admitted`] }
  const members = model.membersOf(id)
  const needs: Needs[] = []
  if (members.some(({ kind }) => kind === 'host'))
    needs.push(toNodes(model.cluster, ports, `${shortName(id)} is on its node's network`))
  if (members.length === 0 || members.some(({ kind }) => kind === 'pod')) {
    const selector = selectorOf(model, workload)
    if (selector) {
      const peer: Peer = { kind: 'pods', namespace: workload.namespace, labels: selector.labels }
      const others = selector.others.map(shortName).join(', ')
      const notes = others === '' ? [] : [`no label tells ${shortName(id)} from ${others}, admitted with it`]
      needs.push({ allowances: [{ peer, ports }], notes })
    } else {
      needs.push({
        allowances: [{ peer: 'everyone', ports }],
        notes: [`${shortName(id)} has no labels that last, so that everyone is admitted on ${formatPorts(ports)}`],
      })
    }
  }
  return joinNeeds(needs)
}

const blocksOfNodes = new WeakMap<Cluster, readonly Block[]>()

/** The addresses of every node: pods move between nodes. */
export function nodeBlocks(cluster: Cluster): readonly Block[] {
  const known = blocksOfNodes.get(cluster)
  if (known) return known
  const addresses = cluster.placement.nodes.flatMap((node) => node.addresses).filter((each) => addressSet(each))
  const blocks = distinctBlocks(addresses)
  blocksOfNodes.set(cluster, blocks)
  return blocks
}

export function distinctBlocks(addresses: readonly string[]): readonly Block[] {
  const blocks = addresses.flatMap((address) => blockOf(address) ?? [])
  return [...new Map(blocks.map((block) => [block.cidr, block])).values()]
}

export function toNodes(cluster: Cluster, ports: readonly Port[], why: string): Needs {
  const blocks = nodeBlocks(cluster)
  if (blocks.length > 0) {
    return {
      allowances: blocks.map((peer) => ({ peer, ports })),
      notes: [`${why}: the addresses of the nodes of today are admitted; a new node needs its own`],
    }
  }
  return {
    allowances: [{ peer: 'everyone', ports }],
    notes: [`${why}, and no node's address is known, so that everyone is admitted on ${formatPorts(ports)}`],
  }
}

const USUAL_PORTS: readonly number[] = [443, 6443]

/** Most enforcers see the endpoint behind `kubernetes.default`, some its ClusterIP. */
export function toApiServer(cluster: Cluster, recorded: readonly Port[] = []): Needs {
  const server = apiServer(cluster)
  const endpoints = blocksOf(server.addresses)
  const tcp = (numbers: readonly number[]): readonly Port[] =>
    [...new Set(numbers)].map((port) => ({ protocol: 'TCP' as const, port }))
  if (endpoints.length === 0) {
    const ports = [...tcp(USUAL_PORTS), ...recorded]
    return {
      allowances: ANYWHERE.map((peer) => ({ peer, ports })),
      notes: [
        `the API server's endpoints (default/kubernetes) are not in the input, so that every address is admitted on ${formatPorts(ports)}`,
      ],
    }
  }
  const ports = [...tcp(server.ports.length > 0 ? server.ports : USUAL_PORTS), ...recorded]
  return {
    allowances: [
      ...endpoints.map((peer) => ({ peer, ports })),
      ...blocksOf(server.clusterIP).map((peer) => ({ peer, ports: tcp([443]) })),
    ],
    notes: [],
  }
}

export function formatPorts(ports: readonly Port[]): string {
  if (ports.length === 0) return 'all ports'
  return [...new Set(ports.map(({ protocol, port }) => `${protocol} ${port}`))].join(', ')
}
