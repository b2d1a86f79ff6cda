import { idParts } from '../cluster/object.ts'
import type { Finding, Severity } from '../engines/engine.ts'
import type { Analysis } from '../loop.ts'
import type { Plan } from '../plan/ports.ts'
import { chokePoints } from '../radius/dominators.ts'
import { edgeId, type JudgedEntry } from '../radius/judge.ts'
import { pathsFrom } from '../radius/paths.ts'
import { type Evidence, resourceRef, type Witness, witness } from './evidence.ts'
import { columns } from './graph.ts'
import { reportPlan } from './plan.ts'
import {
  API_VERSION,
  type GraphDocument,
  type RadiusItem,
  type Report,
  type ReportApplication,
  type ReportAsset,
  type ReportEntry,
  type ReportFinding,
} from './report.ts'
import { sentence } from './sentence.ts'
import { overloadSection } from './traffic/overload.ts'

export interface ReportOptions {
  /** Carry the graph, so that a page can walk it. */
  readonly graph?: boolean
  readonly plan?: Plan
}

/** How many nodes the first entry controls; undefined where the input holds none. */
function nodesControlled({ graph, cluster, entries }: Analysis): number | undefined {
  const source = entries[0] && graph.indexOf(entries[0].id)
  if (source === undefined || !cluster.placement.seen) return undefined
  const { chance } = pathsFrom(graph, source)
  return cluster.placement.nodes.filter(({ id }) => chance[graph.indexOf(id) as number] === 1).length
}

export function buildReport(analysis: Analysis, options: ReportOptions = {}): Report {
  const { input, cluster, applications, risk, weights } = analysis
  const seen = witness(cluster.locate)
  const assets = analysis.assets.map(
    ({ id, kind, application, title, value, nodes }): ReportAsset => ({
      id,
      kind,
      ...(application === undefined ? {} : { application }),
      title,
      value,
      nodes,
    }),
  )
  const entries = analysis.entries.map(reportEntry)
  const first = analysis.entries[0]
  const controlled = first ? [...first.reach.controlled.items].map((sink) => assets[sink] as ReportAsset) : []
  const inputs = {
    files: input.files.length,
    objects: input.count,
    other: input.other,
    unreadable: input.problems,
    namespaces: cluster.namespaces.size,
    workloads: cluster.workloads.length,
    nodes: cluster.ofKind('Node').length,
  }
  return {
    apiVersion: API_VERSION,
    kind: 'Report',
    kubernetes: { version: `1.${cluster.version.minor}`, from: cluster.version.from, text: cluster.version.text },
    inputs,
    sentence: sentence(entries[0], entries, controlled, assets.length, inputs, nodesControlled(analysis)),
    risk,
    weights,
    applications: reportApplications(analysis, seen),
    coverage: {
      workloads: countsOf(applications.coverage.workloads),
      objects: countsOf(applications.coverage.objects),
      unresolved: applications.coverage.objects.unresolved,
    },
    assets,
    entries,
    findings: reportFindings(analysis.findings(), seen),
    unknowns: analysis.unknowns().map(({ id, message, count, settle, because }) => ({
      id,
      message,
      count,
      settle,
      because: seen.evidence(because),
    })),
    overload: overloadSection(analysis.overload(), seen),
    ...(options.plan ? reportPlan(options.plan, applications) : {}),
    ...(options.graph ? { graph: columns(analysis, seen) } : {}),
  }
}

function countsOf({ resources, resolved }: { readonly resources: number; readonly resolved: number }): {
  resources: number
  resolved: number
} {
  return { resources, resolved }
}

function reportEntry({ id, kind, application, exposed, weight, principals, reach }: JudgedEntry): ReportEntry {
  return {
    id,
    kind,
    ...(application === undefined ? {} : { application }),
    exposed,
    weight,
    risk: reach.share,
    controls: reach.controlled.items.length,
    contacts: reach.contacted,
    class: reach.group,
    ...(principals === undefined ? {} : { principals }),
  }
}

function reportApplications({ applications, entries }: Analysis, seen: Witness): readonly ReportApplication[] {
  const risks = new Map<string, number>()
  const exposures = new Map<string, 'yes' | 'unknown'>()
  for (const { application, exposed, kind, weight, reach } of entries) {
    if (application === undefined || kind === 'credential') continue
    risks.set(application, (risks.get(application) ?? 0) + weight * reach.share)
    if (exposed !== 'no' && exposures.get(application) !== 'yes') exposures.set(application, exposed)
  }
  return applications.all.map(({ id, name, namespaces, owner, step, resolved, workloads, members, evidence }) => ({
    id,
    name,
    namespaces,
    ...(owner === undefined ? {} : { owner: owner.name }),
    step,
    resolved,
    exposed: exposures.get(id) ?? 'no',
    workloads,
    members: members.length,
    risk: risks.get(id) ?? 0,
    because: seen.evidence(evidence),
  }))
}

const RANK: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3 }

export function reportFindings(findings: readonly Finding[], seen: Witness): readonly ReportFinding[] {
  const found = findings.map(({ check, severity, object, container, message, because, part }): ReportFinding => {
    const evidence = seen.evidence(because)
    const place =
      evidence.find((each) => each.resource === object.id && each.file !== undefined) ??
      placeOf(seen.locate(object)) ??
      // What stands in an export is no object of the input.
      evidence.find((each) => each.resource === undefined && each.file !== undefined)
    return {
      id: `${check}/${object.id}${part === undefined ? '' : `/${part}`}`,
      check,
      severity,
      resource: resourceRef(object),
      ...(container === undefined ? {} : { container }),
      message,
      ...(place?.file === undefined
        ? {}
        : { location: { file: place.file, line: place.line ?? 1, column: place.column ?? 1 } }),
      because: evidence,
    }
  })
  return found.sort((a, b) => RANK[a.severity] - RANK[b.severity] || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}

function placeOf(
  location: { readonly file: string; readonly line: number; readonly column: number } | undefined,
): Partial<Evidence> | undefined {
  return location
}

/** The radius of one entry with the best path to each asset. */
export function radiusItem(analysis: Analysis, entry: JudgedEntry): RadiusItem {
  const { graph, assets, edges } = analysis
  const source = graph.indexOf(entry.id) as number
  const paths = pathsFrom(graph, source)
  const pathTo = (sink: number): readonly string[] =>
    paths
      .to(graph.sinkStart + sink)
      .filter((edge) => edge < graph.sinkEdgeStart)
      .map((edge) => edgeId(edges[edge] as (typeof edges)[number]))
  const reached = assets
    .map((asset, sink) => ({
      asset: asset.id,
      sink,
      chance: paths.chance[graph.sinkStart + sink] as number,
      value: asset.value,
    }))
    .filter((each) => each.chance > 0)
  const contact = reached
    .filter((each) => each.chance < 1)
    .sort((a, b) => b.chance * b.value - a.chance * a.value || (a.asset < b.asset ? -1 : 1))
  return {
    entry: entry.id,
    ...(entry.application === undefined ? {} : { application: entry.application }),
    exposed: entry.exposed,
    control: reached.filter((each) => each.chance === 1).map(({ asset, sink }) => ({ asset, path: pathTo(sink) })),
    contact: contact.map(({ asset, sink, chance }) => ({ asset, chance, path: pathTo(sink) })),
    risk: entry.reach.share,
    chokePoints: chokePoints(graph, source)
      .filter(({ sinks }) => sinks.length > 1)
      .map(({ node, sinks }) => ({ node: graph.ids[node] as string, assets: sinks.length })),
  }
}

/** The whole graph, sorted, so that equal clusters give equal documents. */
export function graphDocument({ nodes, edges, cluster }: Analysis): GraphDocument {
  const seen = witness(cluster.locate)
  const byId = new Map(edges.map((edge) => [edgeId(edge), edge]))
  return {
    apiVersion: API_VERSION,
    kind: 'Graph',
    nodes: [...nodes].sort().map((id) => {
      const { kind, namespace, name } = idParts(id)
      return { id, kind, ...(namespace === '' ? {} : { namespace }), name }
    }),
    edges: [...byId.keys()].sort().map((id) => {
      const { from, to, kind, chance, truth, because } = byId.get(id) as (typeof edges)[number]
      return { id, from, to, kind, chance, truth, because: seen.evidence(because) }
    }),
  }
}
