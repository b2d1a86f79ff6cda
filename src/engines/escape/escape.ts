import { because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { idOf } from '../../cluster/object.ts'
import type { Place } from '../../cluster/placement.ts'
import type { PodSpec } from '../../cluster/pod.ts'
import type { Shape, Workload } from '../../cluster/workload.ts'
import {
  CONTROL_PLANE,
  type Edge,
  type EdgeKind,
  type Engine,
  type Finding,
  type Severity,
  type Unknown,
} from '../engine.ts'
import type { Known } from '../known.ts'
import { controlPlaneHoldings, HOLDING_KINDS, holdings } from './holds.ts'
import { levelOf } from './level.ts'
import { NODE_KINDS, type NodeView, nodeView } from './nodes.ts'
import { capabilities } from './rules/capabilities.ts'
import { hostNamespaces } from './rules/host-namespaces.ts'
import { hostPath } from './rules/host-path.ts'
import { privileged, procMount, windowsHostProcess } from './rules/privileged.ts'
import type { EscapeRule, Step } from './step.ts'
import { wallOf } from './wall.ts'

const RULES: readonly EscapeRule[] = [privileged, windowsHostProcess, capabilities, hostPath, procMount, hostNamespaces]

/** From containers to nodes, and from nodes to what they hold: rows 38-47 of the union of the field. */
export const escapeEngine: Engine = {
  name: 'escape',
  *edges(cluster, known) {
    const view = nodeView(cluster, known)
    for (const { workload, steps } of escapes(cluster, known)) yield* edgesOf(workload, steps, cluster, known, view)
    yield* view.edges()
    yield* holdings(cluster, known)
    yield* controlPlaneHoldings(cluster, known)
  },
  *findings(cluster, known) {
    for (const { workload, steps } of escapes(cluster, known)) yield* findingsOf(workload, steps, cluster)
  },
  *unknowns(cluster) {
    yield* escapeUnknowns(cluster)
  },
}

/** Kinds of steps out of a container, onto the node where its pod runs. */
export const HOST_STEPS: ReadonlySet<string> = new Set(RULES.flatMap((rule) => rule.kinds.map(({ kind }) => kind)))

export const ESCAPE_KINDS: readonly EdgeKind[] = [
  ...RULES.flatMap((rule) => rule.kinds),
  ...NODE_KINDS,
  ...HOLDING_KINDS,
]

interface Escapes {
  readonly workload: Workload
  readonly steps: readonly { readonly step: Step; readonly shape: Shape }[]
}

const done = new WeakMap<Cluster, readonly Escapes[]>()

function escapes(cluster: Cluster, known: Known): readonly Escapes[] {
  const result =
    done.get(cluster) ??
    cluster.workloads
      .filter((workload) => !workload.finished)
      .map((workload) => ({ workload, steps: stepsOf(workload, cluster, known) }))
  done.set(cluster, result)
  return result
}

/** The steps of every shape; the template's come first, and a live pod adds only what the template does not show. */
function stepsOf(workload: Workload, cluster: Cluster, known: Known): Escapes['steps'] {
  const found = new Map<string, { step: Step; shape: Shape }>()
  for (const shape of workload.specs) {
    const isLive = workload.pods.some((pod) => pod.object === shape.object)
    // Pod Security judges pods when they are created: a pod that runs has passed it, whatever the label says today.
    if (!isLive && isRefused(shape.pod, workload.namespace, known)) continue
    const context = { cluster, known, workload, shape, pod: shape.pod, isLive, wall: wallOf(cluster, shape) }
    for (const rule of RULES) {
      for (const step of rule.steps(context)) {
        const key = `${step.kind} ${step.target} ${step.rule}`
        if (!found.has(key)) found.set(key, { step, shape })
      }
    }
  }
  return [...found.values()]
}

/** A pod is judged as a whole: what it needs for one step keeps it from all. */
function isRefused(pod: PodSpec, namespace: string, known: Known): boolean {
  const mayNeed = known.admits(namespace, 'privileged')
  return mayNeed.truth === 'no' && known.admits(namespace, levelOf(pod)).truth === 'no'
}

function* edgesOf(
  workload: Workload,
  steps: Escapes['steps'],
  cluster: Cluster,
  known: Known,
  view: NodeView,
): Generator<Edge> {
  for (const { step } of steps) {
    for (const place of cluster.placement.placesOf(workload)) {
      for (const to of targetsOf(step, place, cluster, known, view)) {
        const sure = step.truth !== 'unknown' && place.truth === 'yes' && to.truth !== 'unknown'
        yield {
          kind: step.kind,
          from: workload.id,
          to: to.id,
          chance: step.chance ?? 1,
          truth: sure ? 'yes' : 'unknown',
          rule: step.rule,
          because: step.because,
        }
      }
    }
  }
}

function targetsOf(
  step: Step,
  { node }: Place,
  cluster: Cluster,
  known: Known,
  view: NodeView,
): readonly { readonly id: string; readonly truth?: Edge['truth'] }[] {
  switch (step.target) {
    case 'node':
      return [{ id: node.id }]
    case 'node-identity':
      return [{ id: idOf('User', '', `system:node:${node.name}`) }]
    case 'pod-credentials':
      return view.credentialsOf(node)
    case 'control-plane':
      return node.controlPlane === 'no'
        ? []
        : [{ id: CONTROL_PLANE, ...(node.controlPlane === 'unknown' ? { truth: 'unknown' as const } : {}) }]
    case 'outage':
      return outage(node.name, cluster, known)
    default:
      return step.target satisfies never
  }
}

/** The applications with pods on the node; where none was seen, whichever runs there is not known. */
function outage(node: string, cluster: Cluster, known: Known): readonly { readonly id: string }[] {
  const there = cluster.workloads.filter((workload) => workload.pods.some((pod) => pod.node === node))
  return [...new Set(there.flatMap((workload) => known.applicationOf(workload.id) ?? []))].map((id) => ({ id }))
}

/** The gravest first. */
const SEVERITY: Readonly<Record<string, Severity>> = {
  'host-path-control-plane': 'critical',
  privileged: 'high',
  'windows-host-process': 'high',
  'host-path-write': 'high',
  'runtime-socket': 'high',
  capability: 'high',
  'host-path-identity': 'high',
  'host-path-tokens': 'high',
  'var-log-link': 'high',
  'unmasked-proc': 'medium',
  'node-outage': 'medium',
  'host-pid': 'medium',
  'host-network': 'medium',
  'host-ipc': 'low',
  'host-path-read': 'low',
}
const ORDER = Object.keys(SEVERITY)
const TITLES = new Map(ESCAPE_KINDS.map((kind) => [kind.kind, kind.title]))

/** One finding for each cause: what one privilege or one mount gives is told together. */
function* findingsOf(workload: Workload, steps: Escapes['steps'], cluster: Cluster): Generator<Finding> {
  const places = cluster.placement.placesOf(workload)
  const causes = new Map<string, { step: Step; shape: Shape }[]>()
  for (const each of steps) {
    // Keys of the control plane are on its nodes only.
    if (each.step.target === 'control-plane' && places.every(({ node }) => node.controlPlane === 'no')) continue
    const cause = each.step.rule === '' ? each.step.kind : each.step.rule
    const same = causes.get(cause)
    if (same) same.push(each)
    else causes.set(cause, [each])
  }
  for (const [cause, found] of causes) {
    found.sort((a, b) => ORDER.indexOf(a.step.kind) - ORDER.indexOf(b.step.kind))
    const [{ step, shape }] = found as [{ step: Step; shape: Shape }]
    const kinds = [...new Set(found.map((each) => each.step.kind))]
    const container = shape.pod.containers.find(
      (each) => cause === each.name || cause.startsWith(`${each.name} `),
    )?.name
    const isLesser = step.chance !== undefined && step.chance < 1 && step.kind === 'capability'
    yield {
      check: `escape-${step.kind}`,
      severity: isLesser ? 'medium' : (SEVERITY[step.kind] ?? 'medium'),
      object: workload.object ?? shape.object,
      ...(container === undefined ? {} : { container }),
      part: cause,
      message: `${step.because[0]?.text ?? ''}: ${kinds.map((kind) => TITLES.get(kind) ?? kind).join('; ')}`,
      because: step.because,
    }
  }
}

function* escapeUnknowns(cluster: Cluster): Generator<Unknown> {
  if (!cluster.placement.seen && cluster.workloads.length > 0) {
    yield {
      id: 'no-nodes',
      message:
        'the input holds no nodes: one node stands for each distinct set of placement rules, and which workloads share a node is assumed',
      count: cluster.placement.nodes.length,
      because: cluster.placement.nodes.map((node) => because(node.name)),
      settle: 'add the nodes and pods of the cluster to the input (kubectl get nodes,pods -A -o yaml)',
    }
  }
  const bySandboxName = cluster.workloads.filter((workload) =>
    workload.specs.some((shape) => wallOf(cluster, shape)?.because.some((each) => each.text.includes('by its name'))),
  )
  if (bySandboxName.length > 0) {
    yield {
      id: 'sandbox-by-name',
      message: 'runtime classes were taken for sandboxes by their names, since no RuntimeClass is in the input',
      count: bySandboxName.length,
      because: bySandboxName.map((workload) => because(`${workload.id} names one`, workload.object)),
      settle: 'add the RuntimeClasses to the input (kubectl get runtimeclasses -o yaml)',
    }
  }
}
