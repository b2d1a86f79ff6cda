import type { Grant } from '../../authz/authorize.ts'
import type { Granted } from '../../authz/authorizers.ts'
import { spanOf } from '../../cluster/expiry.ts'
import { at, field, list, type Path } from '../../cluster/json.ts'
import { writtenAt } from '../../cluster/made.ts'
import type { KubeObject } from '../../cluster/object.ts'
import type { Location } from '../../cluster/origin.ts'
import type { Binding, PolicyRule, Subject } from '../../cluster/rbac.ts'
import { subjectText } from '../../cluster/subject-text.ts'
import type { Told } from '../../engines/access/questions/told.ts'
import { placeName } from '../../engines/access/questions/told.ts'
import type { Membership } from '../../engines/access/questions/view.ts'
import type { HeldGrant } from '../../engines/access/questions/who-can.ts'
import type { Evidence, Witness } from '../evidence.ts'
import { type Column, table } from '../table.ts'

/** One binding that grants, as programs read it. */
export interface BindingEntry {
  readonly kind: string
  readonly name: string
  readonly namespace?: string
  readonly role: { readonly kind: string; readonly name: string; readonly namespace?: string }
  /** Its place among the rules of the role, from 0. */
  readonly rule: number
  /** As which the binding names it. */
  readonly subject: string
  readonly via?: MembershipEntry
  /** Those of the rule's verbs that this binding gives, where several give one rule. */
  readonly verbs?: readonly string[]
  readonly location?: Location
  readonly roleLocation?: Location
  /** A default of Kubernetes that the input does not hold. */
  readonly assumed?: true
  readonly expires?: string
}

/** A grant of another authorizer than RBAC. */
export interface OtherEntry {
  readonly authorizer: string
  readonly subject: string
  readonly via?: MembershipEntry
  readonly because: readonly Evidence[]
}

export interface MembershipEntry {
  readonly group: string
  readonly from: string
  readonly seen?: string
  readonly location?: { readonly file: string; readonly line: number }
}

export interface RuleEntry {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

export interface UnknownEntry {
  readonly about: string
  readonly message: string
  readonly because: readonly Evidence[]
}

export function membershipEntry({ group, from, seen, place }: Membership): MembershipEntry {
  return {
    group,
    from,
    ...(seen === undefined ? {} : { seen: new Date(seen).toISOString() }),
    ...(place ? { location: { file: place.file, line: place.line } } : {}),
  }
}

export function bindingEntry(
  { granted, via }: HeldGrant,
  witness: Witness,
  verbs?: readonly string[],
): BindingEntry | undefined {
  const { grant } = granted
  if (!grant) return undefined
  const { binding, role, rule, subject } = grant
  const location = witness.locate(binding.object, subjectPath(binding, subject))
  const roleLocation = witness.locate(role.object, rulePath(grant))
  const { expires } = spanOf(binding.object)
  return {
    kind: binding.kind,
    name: binding.name,
    ...(binding.namespace === '' ? {} : { namespace: binding.namespace }),
    role: { kind: role.kind, name: role.name, ...(role.namespace === '' ? {} : { namespace: role.namespace }) },
    rule,
    subject: subjectText(subject),
    ...(via ? { via: membershipEntry(via) } : {}),
    ...(verbs ? { verbs } : {}),
    ...(location ? { location } : {}),
    ...(roleLocation ? { roleLocation } : {}),
    ...(binding.assumed ? { assumed: true } : {}),
    ...(expires === undefined ? {} : { expires: new Date(expires).toISOString() }),
  }
}

/**
 * Finds the places of grants in the order of the files, before they are told in another: each file is then read once,
 * and not a window of it for every place.
 */
export function locateAll(grants: Iterable<Granted>, witness: Witness): void {
  const wanted = new Map<KubeObject, (readonly [KubeObject, Path])[]>()
  const add = (object: KubeObject, path: Path): void => {
    const { object: written } = writtenAt(object, path)
    const known = wanted.get(written)
    if (known) known.push([object, path])
    else wanted.set(written, [[object, path]])
  }
  for (const { grant } of grants) {
    if (!grant) continue
    add(grant.binding.object, subjectPath(grant.binding, grant.subject))
    add(grant.role.object, rulePath(grant))
  }
  const inOrder = [...wanted].sort(
    ([{ origin: a }], [{ origin: b }]) => (a?.source ?? -1) - (b?.source ?? -1) || (a?.start ?? 0) - (b?.start ?? 0),
  )
  for (const [, places] of inOrder) for (const [object, path] of places) witness.locate(object, path)
}

function rulePath({ role, rule }: Pick<Grant, 'role' | 'rule'>): Path {
  return role.aggregation ? ['aggregationRule'] : ['rules', rule]
}

/** The first place in a binding that names a subject. */
function subjectPath({ object }: Binding, { kind, namespace, name }: Subject): Path {
  const index = list(field(object.body, 'subjects')).findIndex(
    (each) =>
      field(each, 'kind') === kind &&
      field(each, 'name') === name &&
      (kind !== 'ServiceAccount' || (at(each, 'namespace') || object.namespace) === namespace),
  )
  return index < 0 ? ['subjects'] : ['subjects', index]
}

/** Of a grant that no binding makes. */
export function otherEntry({ granted, via }: HeldGrant, witness: Witness): OtherEntry | undefined {
  if (granted.grant) return undefined
  return {
    authorizer: granted.authorizer,
    subject: subjectText(granted.subject),
    ...(via ? { via: membershipEntry(via) } : {}),
    because: witness.evidence(granted.because),
  }
}

export function ruleEntry(rule: PolicyRule): RuleEntry {
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule
  return {
    verbs,
    ...(apiGroups.length > 0 ? { apiGroups } : {}),
    ...(resources.length > 0 ? { resources } : {}),
    ...(resourceNames.length > 0 ? { resourceNames } : {}),
    ...(nonResourceURLs.length > 0 ? { nonResourceURLs } : {}),
  }
}

export function unknownEntries(told: readonly Told[], witness: Witness): readonly UnknownEntry[] {
  return told.map(({ about, message, because }) => ({ about, message, because: witness.evidence(because) }))
}

/** `pods`, `deployments.apps`, `secrets (db, cache)`, `/metrics`. */
export function resourcesText({ apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
  if (nonResourceURLs.length > 0) return nonResourceURLs.join(', ')
  const what = resources.flatMap((resource) =>
    apiGroups.map((group) => (group === '' ? resource : `${resource}.${group}`)),
  )
  return `${what.join(', ')}${resourceNames.length > 0 ? ` (${resourceNames.join(', ')})` : ''}`
}

/** For a table: `RoleBinding shop/readers`, `Node`. */
export function grantText({ authorizer, grant }: Granted): string {
  return grant ? `${grant.binding.kind} ${placeName(grant.binding)}` : authorizer
}

/** For people: `ClusterRole view (rule 2)`. */
export function roleText({ grant }: Granted): string {
  return grant ? `${grant.role.kind} ${grant.role.name} (rule ${grant.rule})` : ''
}

const FROM: Readonly<Record<Membership['from'], string>> = {
  given: 'given',
  implicit: 'by what it is',
  directory: 'directory',
  audit: 'audit log',
  cloud: 'cloud',
}

/** How a membership is known, in few words. */
export function viaText(via: Membership | undefined): string {
  if (!via) return ''
  return `${via.group} (${FROM[via.from]})`
}

/** For spreadsheets: who grants (of a binding its kind, namespace, name, role, rule), through which group, file and line. */
export function grantCells(held: HeldGrant, seenBy: Witness): readonly string[] {
  const entry = bindingEntry(held, seenBy)
  return [
    entry?.kind ?? held.granted.authorizer,
    entry?.namespace ?? '',
    entry?.name ?? '',
    entry ? `${entry.role.kind} ${entry.role.name}` : '',
    entry ? String(entry.rule) : '',
    viaText(held.via),
    entry?.location?.file ?? '',
    String(entry?.location?.line ?? ''),
  ]
}

/** `rbac.yaml:12` of the binding, where a file has it. */
export function placeText({ grant }: Granted, witness: Witness): string {
  if (!grant) return ''
  if (grant.binding.assumed) return 'a default of Kubernetes, not in the input'
  const location = witness.locate(grant.binding.object, subjectPath(grant.binding, grant.subject))
  return location ? `${location.file}:${location.line}` : ''
}

/** A table without the columns that no row fills. */
export function filledTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] {
  const filled = columns.map((_, at) => rows.some((row) => row[at] !== ''))
  const only = <T>(cells: readonly T[]): readonly T[] => cells.filter((_, at) => filled[at])
  return table(only(columns), rows.map(only), width)
}
