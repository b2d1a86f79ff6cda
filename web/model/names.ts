import { idParts } from '../../src/cluster/object.ts'
import type { AssetKind } from '../../src/radius/weights.ts'
import type { Report, ReportAsset, ReportEntry } from '../../src/report/report.ts'

export const KIND_WORDS: Readonly<Record<AssetKind, string>> = {
  controlPlane: 'control plane',
  nodePool: 'node pool',
  data: 'data',
  cloudRole: 'cloud role',
  secrets: 'secrets',
  external: 'external service',
  control: 'control',
  availability: 'availability',
}

/** Gravest first: the order in which a story is worth telling (src/report/story.ts). */
export const GRAVEST: readonly AssetKind[] = [
  'controlPlane',
  'data',
  'cloudRole',
  'nodePool',
  'external',
  'secrets',
  'control',
  'availability',
]

export interface Name {
  readonly kind: string
  /** `web/frontend`, or the bare name of what has no namespace. */
  readonly text: string
}

export function nameOf(id: string): Name {
  const { kind, namespace, name } = idParts(id)
  return { kind, text: namespace === '' ? name : `${namespace}/${name}` }
}

/** The name alone where no other id has it, else with its namespace; the rule of `shortName`, for all at once. */
function shortNames(ids: Iterable<string>): ReadonlyMap<string, string> {
  const all = [...new Set(ids)]
  const times = new Map<string, number>()
  for (const id of all) {
    const { name } = idParts(id)
    times.set(name, (times.get(name) ?? 0) + 1)
  }
  return new Map(
    all.map((id) => {
      const { name } = idParts(id)
      return [id, times.get(name) === 1 ? name : nameOf(id).text]
    }),
  )
}

/** What a compartment says: the name of what it belongs to, and the kind of thing it is. */
export function assetLabels(report: Report): readonly Name[] {
  const applications = shortNames(report.applications.map(({ id }) => id))
  return report.assets.map((asset) => ({ kind: KIND_WORDS[asset.kind], text: labelOf(asset, applications) }))
}

function labelOf({ kind, application, title }: ReportAsset, applications: ReadonlyMap<string, string>): string {
  if (application !== undefined) return applications.get(application) ?? nameOf(application).text
  if (kind === 'controlPlane') return 'control plane'
  if (kind === 'nodePool') return title.replace(/^node pool /, '')
  return title
}

/** `exposed to outsiders`, `may be exposed`, `a stolen credential`, `not exposed`. */
export function entryWords({ kind, exposed }: ReportEntry): string {
  if (kind === 'credential') return 'a stolen credential'
  if (exposed === 'yes') return 'exposed to outsiders'
  return exposed === 'unknown' ? 'unknown whether exposed to outsiders' : 'not exposed to outsiders'
}

/** How each step of the resolution order named an application (docs/guides/applications.md). */
const STEP_WORDS: Readonly<Record<number, string>> = {
  1: 'configuration',
  2: 'own mark',
  3: 'GitOps owner',
  4: 'recommended labels',
  5: 'Helm release',
  6: 'other labels',
  7: 'structure',
  8: 'stands alone',
}

export function stepWords(step: number): string {
  return STEP_WORDS[step] ?? `step ${step}`
}
