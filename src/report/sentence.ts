import { idParts } from '../cluster/object.ts'
import type { Inputs, ReportAsset, ReportEntry } from './report.ts'
import { counted, grouped, listed } from './text.ts'

/** The name that people use: `frontend`, with its namespace where another entry has the same name. */
export function shortName(id: string, among: readonly { readonly id: string }[]): string {
  const { namespace, name } = idParts(id)
  const isAlone = among.every((other) => other.id === id || idParts(other.id).name !== name)
  return isAlone || namespace === '' ? name : `${namespace}/${name}`
}

/** What of the assets a sentence should name: the gravest kinds first, nodes counted. */
export function notable(assets: readonly ReportAsset[], nodes: number | undefined): readonly string[] {
  const of = (kind: ReportAsset['kind']): readonly ReportAsset[] => assets.filter((asset) => asset.kind === kind)
  const names: string[] = []
  if (of('controlPlane').length > 0) names.push('the control plane')
  const pools = of('nodePool').length
  // Where no node was read, one stands for each set of rules by which pods are placed.
  if (pools > 0)
    names.push(nodes === undefined ? counted(pools, 'kind of node', 'kinds of nodes') : counted(nodes, 'node'))
  for (const kind of ['data', 'external', 'secrets'] as const) {
    const found = of(kind)
    const first = found[0]
    if (!first) continue
    const what = kind === 'data' ? 'data store' : kind === 'external' ? 'external service' : 'set of secrets'
    names.push(
      found.length === 1
        ? kind === 'external'
          ? first.title
          : `the ${first.title}`
        : counted(found.length, what, kind === 'secrets' ? 'sets of secrets' : `${what}s`),
    )
  }
  return names.slice(0, 3)
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['ServiceAccount', 'service account'],
  ['CloudIdentity', 'the cloud identity'],
])

/** "If frontend is breached, the attacker controls 9 of 41 assets without a further exploit, …" */
export function sentence(
  entry: ReportEntry | undefined,
  entries: readonly ReportEntry[],
  controlled: readonly ReportAsset[],
  total: number,
  inputs: Inputs,
  nodes: number | undefined,
): string {
  if (!entry) {
    const lost = inputs.unreadable.length
    const unread = lost === 0 ? '' : `, and ${counted(lost, 'part')} of it could not be read`
    return `Nothing could be judged: the input shows no workload and no credential${unread}.`
  }
  const kind = idParts(entry.id).kind
  const name = shortName(entry.id, entries)
  const subject =
    entry.kind === 'credential'
      ? `the credential of ${KINDS.get(kind) ?? kind.toLowerCase()} ${name} is stolen`
      : `${name} is breached`
  if (controlled.length === 0)
    return `If ${subject}, the attacker controls none of the ${grouped(total)} assets without a further exploit, and is in contact with ${grouped(entry.contacts)}.`
  const among = notable(controlled, nodes)
  const tail = among.length === 0 ? '' : `, ${listed(among)} among them`
  const more =
    entry.contacts === 0 ? '' : `${tail === '' ? '' : ','} and is in contact with ${grouped(entry.contacts)} more`
  return `If ${subject}, the attacker controls ${grouped(controlled.length)} of ${grouped(total)} assets without a further exploit${tail}${more}.`
}
