import type { NodeLimit } from '../../cluster/cloud/exports.ts'
import { at, field, isObject, type Json, list, number, string, stringMap, strings } from '../../cluster/json.ts'
import type { Taint } from '../../cluster/node.ts'
import type { Decoder, Decoding } from './draft.ts'
import { googlePoolIdentity } from './gcp-machines.ts'

/**
 * How far pools of nodes may grow: `aws eks describe-nodegroup`, `gcloud container clusters describe` and
 * `node-pools list`, `az aks nodepool list`. What `az aks show` says of identities is left to its own decoder.
 */
export const nodePools: Decoder = (value, decoding) => {
  if (!isObject(value)) return false
  const group = field(value, 'nodegroup')
  if (isObject(group)) return nodeGroup(group, decoding)
  const pools = field(value, 'nodePools')
  if (Array.isArray(pools)) {
    const { pools: described } = decoding.draft.nodes
    const before = described.length
    const alone = list(pools).length === 1 ? count(field(value, 'currentNodeCount')) : undefined
    const isAutopilot = at(value, 'autopilot', 'enabled') === true
    for (const pool of list(pools)) {
      googlePoolIdentity(pool, isAutopilot, decoding)
      googlePool(pool, list(field(value, 'locations')).length, decoding, alone)
    }
    // Autopilot bills pods, whatever machines it has.
    if (isAutopilot) described.splice(before)
    for (const limit of list(at(value, 'autoscaling', 'resourceLimits'))) provisioning(limit, decoding)
    return true
  }
  if (string(at(value, 'config', 'machineType')) !== undefined) {
    googlePoolIdentity(value, false, decoding)
    return googlePool(value, 1, decoding)
  }
  const profiles = field(value, 'agentPoolProfiles')
  if (Array.isArray(profiles)) {
    for (const profile of list(profiles)) agentPool(profile, decoding)
    return false
  }
  return string(field(value, 'vmSize')) === undefined ? false : agentPool(value, decoding)
}

function add(decoding: Decoding, item: Json, limit: Omit<NodeLimit, 'from'>): true {
  const of = limit.pool === undefined ? 'the cluster' : `node pool ${limit.pool}`
  decoding.draft.nodes.limits.push({
    ...limit,
    from: decoding.from(`${of}: at most ${limit.max} ${limit.resource}`, item),
  })
  return true
}

function nodeGroup(group: Json, decoding: Decoding): boolean {
  const pool = string(field(group, 'nodegroupName'))
  const max = count(at(group, 'scalingConfig', 'maxSize'))
  if (pool === undefined || max === undefined) {
    decoding.tell('a node group has no name or no scalingConfig.maxSize', group)
    return true
  }
  decoding.draft.nodes.pools.push({
    name: pool,
    types: strings(field(group, 'instanceTypes')),
    now: count(at(group, 'scalingConfig', 'desiredSize')) ?? 0,
    labels: new Map([...stringMap(field(group, 'labels')), ['eks.amazonaws.com/nodegroup', pool]]),
    taints: taintsOf(field(group, 'taints')),
    maxPods: undefined,
    from: decoding.from(`node group ${pool}`, group),
  })
  return add(decoding, group, { pool, resource: 'nodes', max })
}

const EFFECTS: ReadonlyMap<string, string> = new Map([
  ['NO_SCHEDULE', 'NoSchedule'],
  ['NO_EXECUTE', 'NoExecute'],
  ['PREFER_NO_SCHEDULE', 'PreferNoSchedule'],
])

function taintsOf(value: Json | undefined): readonly Taint[] {
  return list(value).map((taint) => {
    const effect = string(field(taint, 'effect')) ?? ''
    return {
      key: string(field(taint, 'key')) ?? '',
      value: string(field(taint, 'value')) ?? '',
      effect: EFFECTS.get(effect) ?? effect,
    }
  })
}

/** `maxNodeCount` is of each zone, `totalMaxNodeCount` of all; without an autoscaler a pool is as large as it was made. */
function googlePool(item: Json, zones: number, decoding: Decoding, nodes?: number): boolean {
  const pool = string(field(item, 'name'))
  const autoscaling = field(item, 'autoscaling')
  const places = Math.max(1, list(field(item, 'locations')).length || zones)
  const total = count(field(autoscaling, 'totalMaxNodeCount'))
  const each = count(
    field(autoscaling, 'enabled') === true ? field(autoscaling, 'maxNodeCount') : field(item, 'initialNodeCount'),
  )
  const max = total !== undefined && total > 0 ? total : each === undefined ? undefined : each * places
  if (pool === undefined || max === undefined) {
    decoding.tell('a node pool has no name or no count', item)
    return true
  }
  const type = string(at(item, 'config', 'machineType'))
  const isScaled = field(autoscaling, 'enabled') === true
  const least = (count(field(autoscaling, 'minNodeCount')) ?? 0) * places
  decoding.draft.nodes.pools.push({
    name: pool,
    types: type === undefined ? [] : [type],
    now: nodes ?? (isScaled ? Math.max(least, count(field(autoscaling, 'totalMinNodeCount')) ?? 0) : max),
    labels: new Map([...stringMap(at(item, 'config', 'labels')), ['cloud.google.com/gke-nodepool', pool]]),
    taints: taintsOf(at(item, 'config', 'taints')),
    maxPods: count(at(item, 'maxPodsConstraint', 'maxPodsPerNode')),
    from: decoding.from(`node pool ${pool}`, item),
  })
  return add(decoding, item, { pool, resource: 'nodes', max })
}

function provisioning(limit: Json, decoding: Decoding): void {
  const resource = string(field(limit, 'resourceType'))
  const max = count(field(limit, 'maximum'))
  if ((resource === 'cpu' || resource === 'memory') && max !== undefined) add(decoding, limit, { resource, max })
}

function agentPool(item: Json, decoding: Decoding): boolean {
  const pool = string(field(item, 'name'))
  const scales = field(item, 'enableAutoScaling') === true
  const max = count(field(item, scales ? 'maxCount' : 'count'))
  if (pool === undefined || max === undefined) {
    decoding.tell('a node pool has no name or no count', item)
    return true
  }
  return add(decoding, item, { pool, resource: 'nodes', max })
}

/** Some forms write counts as text. */
function count(value: Json | undefined): number | undefined {
  const given = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : number(value)
  return given !== undefined && Number.isInteger(given) && given >= 0 && given < 1e9 ? given : undefined
}
