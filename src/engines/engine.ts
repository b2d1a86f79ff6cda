import type { Because } from '../cluster/because.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { KubeObject } from '../cluster/object.ts'
import type { Known } from './known.ts'

/** A step of an attacker. Node ids are made by `idOf`; a node exists as soon as an edge or the input names it. */
export interface Edge {
  readonly kind: string
  readonly from: string
  readonly to: string
  /** 1 for a control edge, which needs no further exploit; below 1 for a contact edge. */
  readonly chance: number
  readonly truth: 'yes' | 'unknown'
  /** What decided it, in a form that is equal in every scan of the same objects: part of the edge's id. */
  readonly rule: string
  readonly because: readonly Because[]
}

export type Severity = 'critical' | 'high' | 'medium' | 'low'

export interface Finding {
  /** The check that found it; stable, kebab-case, with a page in the docs. */
  readonly check: string
  readonly severity: Severity
  readonly object: KubeObject
  readonly container?: string
  readonly message: string
  readonly because: readonly Because[]
  /** Tells two findings of one check on one object apart (a container, a rule, a port). */
  readonly part?: string
}

/** What could not be read or decided, and what rests on it. */
export interface Unknown {
  /** Stable, kebab-case. */
  readonly id: string
  readonly message: string
  /** How many things it touches. */
  readonly count: number
  readonly because: readonly Because[]
  /** What would settle it. */
  readonly settle: string
}

/** One part of judging: a pure function from a cluster, and what other parts know, to edges, findings and unknowns. */
export interface Engine {
  readonly name: string
  edges(cluster: Cluster, known: Known): Iterable<Edge>
  findings(cluster: Cluster, known: Known): Iterable<Finding>
  unknowns(cluster: Cluster, known: Known): Iterable<Unknown>
}

/** What the docs say of one kind of edge; each rule file declares its own. */
export interface EdgeKind {
  readonly kind: string
  readonly title: string
  readonly from: string
  readonly to: string
  /** Control edges have chance 1. */
  readonly chance: string
  readonly precondition: string
  /** The Kubernetes source, KEP or paper that the rule rests on. */
  readonly source: string
}

/** Nodes of kinds that Kubernetes does not have. */
export const CONTROL_PLANE = 'ControlPlane//control-plane'
export const INTERNET = 'Internet//internet'

/** Default chances (docs/reference/risk.md). */
export const CHANCE = { control: 1, served: 0.1, unserved: 0.02, exploited: 0.5 } as const
