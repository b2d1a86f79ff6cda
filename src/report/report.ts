import type { Severity } from '../engines/engine.ts'
import type { Problem } from '../errors.ts'
import type { Plan } from '../plan/ports.ts'
import type { AssetKind, EntryKind, Weights } from '../radius/weights.ts'
import type { Evidence, ResourceRef } from './evidence.ts'
import type { ReportRejected, ReportStep } from './plan.ts'
import type { OverloadSection } from './traffic/overload.ts'

/** The JSON documents that other programs rely on; docs/reference/v1alpha1.schema.json describes them. */

export const API_VERSION = 'bulkhead.dev/v1alpha1'

export interface Report {
  readonly apiVersion: typeof API_VERSION
  readonly kind: 'Report'
  readonly kubernetes: {
    readonly version: string
    readonly from: 'flag' | 'server' | 'node' | 'default'
    readonly text: string
  }
  readonly inputs: Inputs
  /** The answer in one sentence. */
  readonly sentence: string
  readonly risk: { readonly total: number; readonly assumed: number }
  readonly weights: Weights
  readonly applications: readonly ReportApplication[]
  readonly coverage: ReportCoverage
  readonly assets: readonly ReportAsset[]
  /** Highest share of the risk first. */
  readonly entries: readonly ReportEntry[]
  readonly findings: readonly ReportFinding[]
  readonly unknowns: readonly ReportUnknown[]
  /** Who can exhaust what: availability alone, no part of the risk. */
  readonly overload: OverloadSection
  /** The changes that lower the risk most, in their order; absent with `--no-plan`. */
  readonly plan?: readonly ReportStep[]
  readonly rejected?: readonly ReportRejected[]
  readonly residual?: Plan['residual']
  readonly stability?: Plan['stability']
  /** Only where it was asked for; the HTML report carries it. */
  readonly graph?: ReportGraph
}

export interface Inputs {
  readonly files: number
  /** Documents with apiVersion and kind, the items of lists singly, duplicates counted. */
  readonly objects: number
  readonly other: number
  readonly unreadable: readonly Problem[]
  readonly namespaces: number
  readonly workloads: number
  readonly nodes: number
}

export interface ReportApplication {
  readonly id: string
  readonly name: string
  readonly namespaces: readonly string[]
  readonly owner?: string
  /** The step of the resolution order that named it (docs/guides/applications.md). */
  readonly step: number
  readonly resolved: boolean
  readonly exposed: 'yes' | 'no' | 'unknown'
  readonly workloads: readonly string[]
  readonly members: number
  /** The part of the total risk that starts in its workloads. */
  readonly risk: number
  readonly because: readonly Evidence[]
}

export interface ReportCoverage {
  readonly workloads: { readonly resources: number; readonly resolved: number }
  readonly objects: { readonly resources: number; readonly resolved: number }
  readonly unresolved: readonly string[]
}

export interface ReportAsset {
  readonly id: string
  readonly kind: AssetKind
  readonly application?: string
  readonly title: string
  readonly value: number
  readonly nodes: readonly string[]
}

export interface ReportEntry {
  /** The node's id. */
  readonly id: string
  readonly kind: EntryKind
  readonly application?: string
  readonly exposed: 'yes' | 'no' | 'unknown'
  /** The share of all breaches that is taken to start here. */
  readonly weight: number
  /** The expected share of all value lost when it is breached: 0 to 1. */
  readonly risk: number
  /** How many assets it controls without a further exploit, and with how many it is in contact. */
  readonly controls: number
  readonly contacts: number
  /** Entries of one class have equal ways out. */
  readonly class: number
  /** Identities of a cloud that come into the cluster as it, and as nothing else. */
  readonly principals?: readonly string[]
}

export interface ReportFinding {
  readonly id: string
  readonly check: string
  readonly severity: Severity
  readonly resource: ResourceRef
  readonly container?: string
  readonly message: string
  readonly location?: { readonly file: string; readonly line: number; readonly column: number }
  readonly because: readonly Evidence[]
}

export interface ReportUnknown {
  readonly id: string
  readonly message: string
  readonly count: number
  readonly settle: string
  readonly because: readonly Evidence[]
}

/** The graph in columns, each string once: small enough for a page to carry, and walked there by src/radius. */
export interface ReportGraph {
  readonly nodes: readonly string[]
  /** What each kind of edge says: `holds the token of its service account`. */
  readonly titles: Readonly<Record<string, string>>
  readonly strings: readonly string[]
  readonly edges: EdgeColumns
  readonly evidence: EvidenceColumns
}

/** One number an edge in each column but the last. */
export interface EdgeColumns {
  /** Index into `nodes`, less that of the edge before. */
  readonly from: readonly number[]
  /** Index into `nodes`. */
  readonly to: readonly number[]
  /** Index into `strings`. */
  readonly kind: readonly number[]
  readonly chance: readonly number[]
  /** 1 where the truth of the edge is unknown. */
  readonly unknown: readonly number[]
  /** How many rows of evidence it has. */
  readonly reasons: readonly number[]
  /** Those rows, of all edges one after another. */
  readonly because: readonly number[]
}

/** One number a row in each column: indexes into `strings`, -1 for none. */
export interface EvidenceColumns {
  readonly text: readonly number[]
  readonly resource: readonly number[]
  readonly field: readonly number[]
  readonly file: readonly number[]
  /** 1-based, 0 for none; less that of the row before. */
  readonly line: readonly number[]
  readonly column: readonly number[]
}

export interface RadiusList {
  readonly apiVersion: typeof API_VERSION
  readonly kind: 'RadiusList'
  readonly items: readonly RadiusItem[]
}

export interface RadiusItem {
  readonly entry: string
  readonly application?: string
  readonly exposed: 'yes' | 'no' | 'unknown'
  readonly control: readonly { readonly asset: string; readonly path: readonly string[] }[]
  readonly contact: readonly { readonly asset: string; readonly chance: number; readonly path: readonly string[] }[]
  readonly risk: number
  /** Nodes that every way to some controlled assets passes. */
  readonly chokePoints: readonly { readonly node: string; readonly assets: number }[]
}

export interface GraphDocument {
  readonly apiVersion: typeof API_VERSION
  readonly kind: 'Graph'
  readonly nodes: readonly {
    readonly id: string
    readonly kind: string
    readonly namespace?: string
    readonly name: string
  }[]
  readonly edges: readonly {
    readonly id: string
    readonly from: string
    readonly to: string
    readonly kind: string
    readonly chance: number
    readonly truth: 'yes' | 'unknown'
    readonly because: readonly Evidence[]
  }[]
}
