import type { JsonObject } from '../../cluster/json.ts'
import { idOf, type KubeObject } from '../../cluster/object.ts'
import { type PolicyRule, ruleBody, type Subject } from '../../cluster/rbac.ts'
import { rulesFor } from '../access/rules-edit.ts'
import { fixId, hashed, slugOf } from '../slug.ts'
import type { Atom } from './atom.ts'
import type { Grantee } from './grantee.ts'

const RBAC = 'rbac.authorization.k8s.io'
/** The span of the log, `from/to`, on objects that are made of it. */
export const WINDOW = 'bulkhead.dev/minimized-from'

/** A role and the binding that gives it, to all who need just this in one namespace, or in the whole cluster. */
export interface Pair {
  /** Empty: of the cluster. */
  readonly namespace: string
  readonly subjects: readonly Subject[]
  readonly texts: readonly string[]
  readonly rules: readonly PolicyRule[]
}

/** Whoever needs the same in a namespace shares a role there. */
export function pairsOf(grantees: readonly Grantee[]): readonly Pair[] {
  const pairs = new Map<string, { namespace: string; rules: readonly PolicyRule[]; grantees: Grantee[] }>()
  for (const grantee of grantees) {
    for (const [namespace, atoms] of Map.groupBy(grantee.atoms.list(), (each) => each.namespace)) {
      const rules = rulesOf(atoms)
      const key = `${namespace}\n${JSON.stringify(rules)}`
      const same = pairs.get(key) ?? { namespace, rules, grantees: [] }
      same.grantees.push(grantee)
      pairs.set(key, same)
    }
  }
  return [...pairs.values()]
    .map(({ namespace, rules, grantees: own }) => {
      const sorted = own.toSorted((a, b) => compare(a.text, b.text))
      return { namespace, rules, subjects: sorted.map(({ subject }) => subject), texts: sorted.map(({ text }) => text) }
    })
    .sort((a, b) => compare(a.namespace, b.namespace) || compare(a.texts[0] ?? '', b.texts[0] ?? ''))
}

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']

/** The fewest rules that give just these, in an order that does not depend on that of the log. */
function rulesOf(atoms: readonly Atom[]): readonly PolicyRule[] {
  const resources = atoms.filter(({ resource }) => resource !== '')
  const byNames = Map.groupBy(resources, ({ names }) => JSON.stringify(names ? [...names.keys()].sort(compare) : []))
  const rules = [...byNames].flatMap(([names, same]) => rulesFor(same.toSorted(byText), JSON.parse(names) as string[]))
  const urls = Map.groupBy(
    atoms.filter(({ resource }) => resource === ''),
    ({ url }) => url,
  )
  const byVerbs = Map.groupBy(urls, ([, same]) => JSON.stringify(same.map(({ verb }) => verb).sort(compare)))
  const ofUrls = [...byVerbs].map(([verbs, same]) => ({
    verbs: JSON.parse(verbs) as string[],
    apiGroups: [],
    resources: [],
    resourceNames: [],
    nonResourceURLs: same.map(([url]) => url).sort(compare),
  }))
  return [...rules, ...ofUrls]
    .map((rule) => ({ ...rule, verbs: rule.verbs.toSorted(byVerb), resources: rule.resources.toSorted(compare) }))
    .sort((a, b) => compare(sortKey(a), sortKey(b)))
}

function byText(a: Atom, b: Atom): number {
  return compare(`${a.resource}\n${a.group}\n${a.verb}`, `${b.resource}\n${b.group}\n${b.verb}`)
}

function byVerb(a: string, b: string): number {
  const rank = (verb: string): number => (VERBS.indexOf(verb) + VERBS.length + 1) % (VERBS.length + 1)
  return rank(a) - rank(b) || compare(a, b)
}

function sortKey({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: PolicyRule): string {
  return [nonResourceURLs, apiGroups, resources, resourceNames, verbs].map((each) => each.join('\t')).join('\n')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export interface ObjectOptions {
  /** RFC 3339, `from/to`. */
  readonly window: string
  /** Whether an object of this id is somebody else's. */
  readonly isTaken: (id: string) => boolean
}

/** The two objects of a pair. Their names follow from whom they are for, and not from what is in them. */
export function objectsOf(pair: Pair, { window, isTaken }: ObjectOptions): readonly [KubeObject, KubeObject] {
  const { namespace, rules, subjects } = pair
  const isWide = namespace === ''
  const roleKind = isWide ? 'ClusterRole' : 'Role'
  const bindingKind = isWide ? 'ClusterRoleBinding' : 'RoleBinding'
  const isFree = (name: string): boolean =>
    !isTaken(idOf(roleKind, namespace, name)) && !isTaken(idOf(bindingKind, namespace, name))
  const plain = nameOf(pair)
  const name = isFree(plain) ? plain : hashed(slugOf(plain), [plain, ...pair.texts])
  const metadata = {
    name,
    ...(isWide ? {} : { namespace }),
    labels: { 'app.kubernetes.io/managed-by': 'bulkhead' },
    annotations: { [WINDOW]: window },
  }
  return [
    made(roleKind, namespace, name, { metadata, rules: rules.map(ruleBody) }),
    made(bindingKind, namespace, name, {
      metadata,
      roleRef: { apiGroup: RBAC, kind: roleKind, name },
      subjects: subjects.map(subjectBody),
    }),
  ]
}

function nameOf({ texts: [first = '', ...more] }: Pair): string {
  const [kind = '', rest = ''] = [first.slice(0, first.indexOf(':')), first.slice(first.indexOf(':') + 1)]
  if (more.length === 0) return fixId('bulkhead', kind, ...rest.split('/'))
  return hashed(slugOf(`bulkhead-${kind}-${rest}-and-${more.length}-more`), [first, ...more])
}

function made(kind: string, namespace: string, name: string, rest: JsonObject): KubeObject {
  const body: JsonObject = { apiVersion: `${RBAC}/v1`, kind, ...rest }
  return { id: idOf(kind, namespace, name), group: RBAC, version: 'v1', kind, namespace, name, body }
}

function subjectBody({ kind, namespace, name }: Subject): JsonObject {
  return kind === 'ServiceAccount' ? { kind, name, namespace } : { apiGroup: RBAC, kind, name }
}
