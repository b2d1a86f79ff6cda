import type { Check } from '../../engines/check.ts'
import { inProfile, PROFILES } from '../../engines/policy/selection.ts'
import { rows } from '../escape.ts'
import { API_VERSION } from '../report.ts'
import { table, wrap } from '../table.ts'
import { counted } from '../text.ts'

/** The JSON document of `policy list`; docs/reference/v1alpha1.schema.json describes it. */
export interface PolicyList {
  readonly apiVersion: typeof API_VERSION
  readonly kind: 'PolicyList'
  readonly items: readonly PolicyListItem[]
}

export interface PolicyListItem {
  readonly id: string
  readonly title: string
  readonly severity: string
  readonly category: string
  /** All that ask it, `all` apart. */
  readonly profiles: readonly string[]
  /** `policy`: a ValidatingAdmissionPolicy that a cluster can enforce; `join`: several objects decide it. */
  readonly decided: 'policy' | 'join'
  /** Ids of the same check elsewhere, by tool, as they are written: by kind, or several. */
  readonly aliases: Readonly<Record<string, string>>
  readonly polaris?: 'danger' | 'warning'
  readonly references: readonly string[]
  readonly fixable: boolean
  readonly mandatory?: true
  /** The first minor release of Kubernetes that takes the policy. */
  readonly minimumVersion?: string
  /** Absent of a policy of the user. */
  readonly page?: string
}

/** What `policy list` knows of a check besides the check. */
export interface Listed {
  readonly check: Check
  /** Of a policy: the first minor release that takes it. */
  readonly minimum?: number
  readonly isFixable: boolean
  readonly isOwn: boolean
}

/** Sorted by id. `overridden`: as `inProfile` wants it. */
export function policyList(listed: readonly Listed[], overridden: ReadonlySet<string>): PolicyList {
  const items = listed
    .toSorted((a, b) => (a.check.id < b.check.id ? -1 : a.check.id > b.check.id ? 1 : 0))
    .map(({ check, minimum, isFixable, isOwn }): PolicyListItem => {
      const { id, title, severity, category, aliases, polaris, references, mandatory } = check
      return {
        id,
        title,
        severity,
        category,
        profiles: PROFILES.filter((profile) => profile !== 'all' && inProfile(check, profile, overridden)),
        decided: minimum === undefined ? 'join' : 'policy',
        aliases,
        ...(polaris ? { polaris } : {}),
        references,
        fixable: isFixable,
        ...(mandatory ? { mandatory } : {}),
        ...(minimum === undefined ? {} : { minimumVersion: `v1.${minimum}` }),
        ...(isOwn ? {} : { page: `docs/reference/checks/${id}.md` }),
      }
    })
  return { apiVersion: API_VERSION, kind: 'PolicyList', items }
}

/** Profiles stand in it where every title has its room beside them. */
export function catalogueTable({ items }: PolicyList, screen: number): readonly string[] {
  const rowOf = ({ id, severity, fixable, title, profiles }: PolicyListItem): readonly string[] => [
    id,
    severity,
    fixable ? 'yes' : '',
    title,
    profiles.join(' '),
  ]
  const cells = items.map(rowOf)
  const natural = [0, 1, 2, 3, 4].map((at) => Math.max(8, ...cells.map((row) => (row[at] as string).length)) + 3)
  const columns = [
    { title: 'CHECK', least: 26 },
    { title: 'SEVERITY' },
    { title: 'FIX', least: 3 },
    { title: 'TITLE', least: 34 },
    ...(natural.reduce((sum, each) => sum + each, 0) <= screen ? [{ title: 'PROFILES' }] : []),
  ]
  const fixes = items.filter(({ fixable }) => fixable).length
  const joins = items.filter(({ decided }) => decided === 'join').length
  const line = `${counted(items.length, 'check')}, ${fixes} with a fix: ${items.length - joins} are admission policies, ${joins} need several objects.`
  return [...table(columns, cells, screen), '', ...wrap(line, screen)]
}

export function* catalogueMarkdown({ items }: PolicyList): Generator<string> {
  yield* rows(
    ['check', 'title', 'severity', 'profiles', 'fix', 'since', 'elsewhere'],
    items.map(({ id, title, severity, profiles, fixable, minimumVersion, aliases }) => [
      id,
      title,
      severity,
      profiles.join(', '),
      fixable ? 'yes' : '',
      minimumVersion ?? '',
      Object.entries(aliases)
        .map(([tool, alias]) => `${tool} ${alias}`)
        .join('; '),
    ]),
  )
}
