import { idParts } from '../cluster/object.ts'
import type { Edge } from '../engines/engine.ts'
import { edgeKind } from '../engines/kinds.ts'
import type { Analysis } from '../loop.ts'
import { pathsFrom } from '../radius/paths.ts'
import { type Evidence, witness } from './evidence.ts'
import type { Report, ReportAsset, ReportEntry } from './report.ts'
import { chanceText } from './text.ts'
import { type Step, stepsOf } from './words.ts'

/** One path, told: from the gravest entry to the gravest thing that it reaches. */
export interface Story {
  readonly entry: ReportEntry
  readonly asset: ReportAsset
  readonly chance: number
  readonly steps: readonly ToldStep[]
}

export interface ToldStep extends Step {
  readonly because: readonly Evidence[]
  /** Of a connection, or a way in from outside. */
  readonly ports: string | undefined
}

const WORTH_TELLING = [
  'controlPlane',
  'data',
  'nodePool',
  'cloudRole',
  'external',
  'secrets',
  'control',
  'availability',
] as const

/** The best path of the gravest entry to the gravest thing that it controls and that is not its own. */
export function storyOf(analysis: Analysis, report: Report): Story | undefined {
  const { graph, entries, assets } = analysis
  const [first] = entries
  const entry = report.entries[0]
  if (!first || !entry) return undefined
  const paths = pathsFrom(graph, graph.indexOf(first.id) as number)
  const rank = (kind: string): number => (WORTH_TELLING as readonly string[]).indexOf(kind)
  const [best] = assets
    .map((asset, sink) => ({
      asset,
      path: paths.to(graph.sinkStart + sink),
      chance: paths.chance[graph.sinkStart + sink] as number,
    }))
    .filter(
      ({ path, chance, asset }) =>
        chance > 0 && path.length > 1 && (asset.application === undefined || asset.application !== first.application),
    )
    .sort((a, b) => b.chance - a.chance || rank(a.asset.kind) - rank(b.asset.kind) || a.path.length - b.path.length)
  const asset = best && report.assets.find((each) => each.id === best.asset.id)
  if (!best || !asset) return undefined
  return { entry, asset, chance: best.chance, steps: told(edgesOf(analysis, best.path), analysis) }
}

/** The edges of a path, without the last one into an asset, which is bookkeeping. */
export function edgesOf({ graph, edges }: Analysis, path: readonly number[]): readonly Edge[] {
  return path.filter((edge) => edge < graph.sinkEdgeStart).map((edge) => edges[edge] as Edge)
}

export function told(edges: readonly Edge[], { cluster }: Analysis): readonly ToldStep[] {
  const seen = witness(cluster.locate)
  return stepsOf(edges, titleOf).map((step) => ({
    ...step,
    because: distinct(step.edges.flatMap((at) => seen.evidence((edges[at] as Edge).because))),
    ports: step.edges.map((at) => portsOf(edges[at] as Edge)).find((ports) => ports !== undefined),
  }))
}

/** The edges of one step have reasons in common. */
function distinct(all: readonly Evidence[]): readonly Evidence[] {
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()]
}

function portsOf({ kind, rule }: Edge): string | undefined {
  if (kind !== 'connects' && !kind.startsWith('exposed-')) return undefined
  return /(?:^| )(all ports|(?:all )?(?:TCP|UDP|SCTP)(?: [\d,-]+)?(?:, .*)?)$/.exec(rule)?.[1]
}

export function titleOf(kind: string): string {
  return edgeKind(kind)?.title ?? kind
}

/** ` (TCP 5432, needs an exploit, chance 0.1)`. */
export function notesOf({ unknown, ports, chance }: ToldStep): string {
  const notes = [
    ...(unknown ? ['not certain'] : []),
    ...(ports === undefined ? [] : [ports]),
    ...(chance < 1 ? [`needs an exploit, chance ${chanceText(chance)}`] : []),
  ]
  return notes.length === 0 ? '' : ` (${notes.join(', ')})`
}

/** `shop/rbac.yaml:21  subjects[0]  RoleBinding deployers gives …`: the object by name, unless the text names it. */
export function placeText({ file, line, field, resource, text }: Evidence): string {
  const place = file === undefined ? undefined : `${file}:${line}`
  const { kind, namespace, name } = idParts(resource ?? '//')
  const named =
    name === '' || text.includes(name) ? text : `${kind} ${namespace === '' ? name : `${namespace}/${name}`}: ${text}`
  return [place, field, named].filter((each) => each !== undefined && each !== '').join('  ')
}
