import type { Cluster } from '../../cluster/cluster.ts'
import { labelsOf } from '../../cluster/object.ts'
import { type Atom, kindKey } from './atom.ts'
import type { Budget, Generalised } from './budget.ts'
import { ephemeral } from './ephemeral.ts'
import type { Grantee } from './grantee.ts'
import { atomText } from './text.ts'

export interface GeneralContext {
  readonly cluster: Cluster
  readonly budget: Budget
  /** Whether a grantee may be given what it was not seen to use: today's rules give it, or nothing is known of them; it was never refused. */
  readonly mayGive: (grantee: Grantee, atom: Atom) => boolean
  /** Namespaces that were made while the log was written. */
  readonly newNamespaces: boolean
  /** All that are known: of the cluster, or of the log. */
  readonly namespaces: ReadonlySet<string>
}

/** Makes the rights of all grantees general, by one rule after another, while there is room for what they cost. */
export function generalise(grantees: readonly Grantee[], context: GeneralContext): readonly Generalised[] {
  return [
    ...grantees.flatMap(anyNames),
    ...grantees.flatMap((each) => urlPrefixes(each)),
    ...grantees.flatMap((each) => relists(each, context)),
    ...grantees.flatMap((each) => everyNamespace(each, context)),
    ...grantees.flatMap((each) => byLabel(each, context)),
    ...grantees.flatMap((each) => informerGets(each, context)),
  ]
}

/** Objects with names that will not come again are granted by any name. */
function anyNames(grantee: Grantee): readonly Generalised[] {
  return grantee.atoms.list().flatMap((atom): Generalised[] => {
    if (!atom.names || atom.verb.startsWith('impersonate') || atom.resource === 'signers') return []
    const why = ephemeral(atom.group, atom.resource, atom.names)
    if (why === undefined) return []
    grantee.atoms.replace({ ...atom, names: undefined })
    return [{ rule: 'ephemeral-names', subject: grantee.text, what: `${atomText(atom)}: any name`, why, spare: 0 }]
  })
}

const MANY_URLS = 10

/** Many paths below one are that one and all below it. */
function urlPrefixes(grantee: Grantee): readonly Generalised[] {
  const paths = grantee.atoms.list().filter(({ url }) => url !== '')
  const byPrefix = Map.groupBy(paths, ({ verb, url }) => `${verb} ${url.slice(0, url.indexOf('/', 1) + 1)}`)
  return [...byPrefix].flatMap(([key, same]): Generalised[] => {
    const prefix = key.slice(key.indexOf(' ') + 1)
    if (same.length < MANY_URLS || prefix.length < 2) return []
    for (const atom of same) grantee.atoms.delete(atom)
    const general: Atom = { ...(same[0] as Atom), url: `${prefix}*` }
    grantee.atoms.add(general)
    grantee.used -= same.length - 1
    const why = `${same.length} paths below it were asked for`
    return [{ rule: 'url-prefix', subject: grantee.text, what: atomText(general), why, spare: 0 }]
  })
}

/** Whoever watches lists again when its watch is too old, although the window may not show it. */
function relists(grantee: Grantee, context: GeneralContext): readonly Generalised[] {
  return grantee.atoms
    .list()
    .filter(({ verb, resource }) => verb === 'watch' && resource !== '')
    .flatMap((atom) =>
      added(grantee, { ...atom, verb: 'list' }, 'relist', 'a watch that is too old is begun by a list', context),
    )
}

/** An informer keeps a copy; its clients read single objects when they go round it. What few need may take half of the room. */
function informerGets(grantee: Grantee, context: GeneralContext): readonly Generalised[] {
  return grantee.atoms
    .list()
    .filter((atom) => atom.verb === 'watch' && !atom.names && grantee.atoms.has({ ...atom, verb: 'list' }))
    .flatMap((atom) =>
      added(
        grantee,
        { ...atom, verb: 'get' },
        'informer-get',
        'it lists and watches them all',
        context,
        context.budget.most / 2,
      ),
    )
}

function added(
  grantee: Grantee,
  atom: Atom,
  rule: Generalised['rule'],
  why: string,
  { budget, mayGive }: GeneralContext,
  most = budget.most,
): readonly Generalised[] {
  const everywhere = { ...atom, namespace: '' }
  if (grantee.atoms.has(atom) || grantee.atoms.has(everywhere) || !mayGive(grantee, atom) || !budget.take(1, most))
    return []
  grantee.atoms.add(atom)
  return [{ rule, subject: grantee.text, what: atomText(atom), why, spare: 1 }]
}

const FEWEST_NAMESPACES = 5
const NEARLY_ALL = 0.9

/** What is used in (nearly) every namespace, where namespaces are made from time to time, is granted in all of them. */
function everyNamespace(grantee: Grantee, context: GeneralContext): readonly Generalised[] {
  const { namespaces, newNamespaces, budget, mayGive } = context
  if (!newNamespaces || namespaces.size < FEWEST_NAMESPACES) return []
  return byKind(grantee).flatMap((same): Generalised[] => {
    const used = same.filter(({ namespace }) => namespaces.has(namespace))
    if (used.length < NEARLY_ALL * namespaces.size) return []
    const general = { ...(used[0] as Atom), namespace: '' }
    // It also gives what is in no namespace: a list over all of them.
    const spare = namespaces.size - used.length + 1
    if (!mayGive(grantee, general) || !budget.take(spare)) return []
    for (const atom of same) grantee.atoms.delete(atom)
    grantee.atoms.add(general)
    const why = `used in ${used.length} of ${namespaces.size} namespaces, and new ones are made`
    return [
      { rule: 'every-namespace', subject: grantee.text, what: `${atomText(general)} in every namespace`, why, spare },
    ]
  })
}

const MOST_OF_LABEL = 0.75

/** What is used in nearly all namespaces of one label, and nowhere else, is granted in all of them. */
function byLabel(grantee: Grantee, context: GeneralContext): readonly Generalised[] {
  const labels = labelled(context.cluster)
  if (labels.length === 0) return []
  return byKind(grantee).flatMap((same): Generalised[] => {
    const used = new Set(same.map(({ namespace }) => namespace))
    for (const { label, namespaces } of labels) {
      const within = namespaces.filter((each) => used.has(each))
      if (within.length !== used.size || within.length === namespaces.length) continue
      if (within.length < 2 || within.length < MOST_OF_LABEL * namespaces.length) continue
      const missing = namespaces
        .filter((each) => !used.has(each))
        .map((namespace) => ({ ...(same[0] as Atom), namespace }))
      if (!missing.every((atom) => context.mayGive(grantee, atom)) || !context.budget.take(missing.length)) continue
      for (const atom of missing) grantee.atoms.add(atom)
      const [first] = same as [Atom, ...Atom[]]
      return [
        {
          rule: 'namespaces-by-label',
          subject: grantee.text,
          what: `${atomText({ ...first, namespace: '' })} in ${missing.map(({ namespace }) => namespace).join(', ')}`,
          why: `used in ${within.length} of the ${namespaces.length} namespaces with ${label}`,
          spare: missing.length,
        },
      ]
    }
    return []
  })
}

/** Rights without names in single namespaces, those of one kind together. */
function byKind(grantee: Grantee): readonly (readonly Atom[])[] {
  const single = grantee.atoms.list().filter(({ namespace, names }) => namespace !== '' && names === undefined)
  return [...Map.groupBy(single, kindKey).values()]
}

const OWN = 'kubernetes.io/metadata.name'

function labelled(cluster: Cluster): readonly { readonly label: string; readonly namespaces: readonly string[] }[] {
  const byText = new Map<string, string[]>()
  for (const { name, body } of cluster.ofKind('Namespace')) {
    for (const [key, value] of labelsOf(body)) {
      if (key === OWN) continue
      const label = `${key}=${value}`
      byText.set(label, [...(byText.get(label) ?? []), name])
    }
  }
  return [...byText]
    .filter(([, names]) => names.length > 1)
    .map(([label, namespaces]) => ({ label, namespaces: namespaces.sort() }))
    .sort((a, b) => a.namespaces.length - b.namespaces.length || (a.label < b.label ? -1 : 1))
}

/** What is granted in all namespaces needs not be granted in one of them as well. */
export function withoutDoubles(grantee: Grantee): void {
  for (const atom of grantee.atoms.list()) {
    if (atom.namespace === '' || atom.resource === '') continue
    const everywhere = grantee.atoms.get({ ...atom, namespace: '' })
    if (everywhere && coversNames(everywhere, atom)) grantee.atoms.delete(atom)
  }
}

function coversNames(wide: Atom, narrow: Atom): boolean {
  if (!wide.names) return true
  return narrow.names !== undefined && [...narrow.names.keys()].every((name) => wide.names?.has(name))
}
