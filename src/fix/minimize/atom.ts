import type { Request } from '../../authz/rules.ts'
import type { PolicyRule } from '../../cluster/rbac.ts'
import type { NameSeen } from '../../engines/access/used/names.ts'

/** One verb on one kind of thing in one namespace, or on a URL: the least that a rule can give, but for names. */
export interface Atom {
  readonly verb: string
  readonly group: string
  /** `pods`, `pods/exec`; empty for a URL. */
  readonly resource: string
  /** Empty: of the cluster, or in all namespaces. */
  readonly namespace: string
  readonly url: string
  /** The only objects that were asked for; undefined: any, or the authorizer sees no name. */
  readonly names: ReadonlyMap<string, NameSeen> | undefined
}

export function atomKey({ verb, group, resource, namespace, url }: Omit<Atom, 'names'>): string {
  return `${namespace}\n${group}\n${resource}\n${verb}\n${url}`
}

/** The same right in another namespace has the same kind. */
export function kindKey({ verb, group, resource }: Pick<Atom, 'verb' | 'group' | 'resource'>): string {
  return `${group}\n${resource}\n${verb}`
}

export function atomOf(request: Request, names: ReadonlyMap<string, NameSeen> | undefined): Atom {
  if ('path' in request)
    return { verb: request.verb, group: '', resource: '', namespace: '', url: request.path, names: undefined }
  const { verb, group, resource, subresource, namespace } = request
  const combined = subresource === '' ? resource : `${resource}/${subresource}`
  return { verb, group, resource: combined, namespace, url: '', names }
}

/** The requests that an atom stands for: one for each name. */
export function requestsOf({ verb, group, resource, namespace, url, names }: Atom): readonly Request[] {
  if (resource === '') return [{ verb, path: url }]
  const slash = resource.indexOf('/')
  const plain = slash < 0 ? resource : resource.slice(0, slash)
  const base = { verb, group, resource: plain, subresource: slash < 0 ? '' : resource.slice(slash + 1), namespace }
  return names ? [...names.keys()].map((name) => ({ ...base, name })) : [{ ...base, name: '' }]
}

/** An atom as a rule of its own. */
export function ruleOf({ verb, group, resource, url, names }: Atom): PolicyRule {
  return resource === ''
    ? { verbs: [verb], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [url] }
    : {
        verbs: [verb],
        apiGroups: [group],
        resources: [resource],
        resourceNames: names ? [...names.keys()].sort() : [],
        nonResourceURLs: [],
      }
}

/** Atoms by their keys. Of two with one key the names are put together; one without names takes all. */
export class Atoms {
  readonly #all = new Map<string, Atom>()

  add(atom: Atom): void {
    const key = atomKey(atom)
    const known = this.#all.get(key)
    if (!known) this.#all.set(key, atom)
    else if (known.names && !atom.names) this.#all.set(key, atom)
    else if (known.names && atom.names) this.#all.set(key, { ...known, names: together(known.names, atom.names) })
  }

  get(atom: Omit<Atom, 'names'>): Atom | undefined {
    return this.#all.get(atomKey(atom))
  }

  has(atom: Omit<Atom, 'names'>): boolean {
    return this.#all.has(atomKey(atom))
  }

  replace(atom: Atom): void {
    this.#all.set(atomKey(atom), atom)
  }

  delete(atom: Omit<Atom, 'names'>): void {
    this.#all.delete(atomKey(atom))
  }

  get size(): number {
    return this.#all.size
  }

  list(): readonly Atom[] {
    return [...this.#all.values()]
  }
}

function together(a: ReadonlyMap<string, NameSeen>, b: ReadonlyMap<string, NameSeen>): ReadonlyMap<string, NameSeen> {
  const sum = new Map(a)
  for (const [name, seen] of b) {
    const known = sum.get(name)
    sum.set(
      name,
      known
        ? {
            ...known,
            times: known.times + seen.times,
            first: Math.min(known.first, seen.first),
            last: Math.max(known.last, seen.last),
            days: [...new Set([...known.days, ...seen.days])],
          }
        : seen,
    )
  }
  return sum
}
