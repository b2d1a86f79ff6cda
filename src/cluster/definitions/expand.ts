import { createdAt } from '../created.ts'
import { spanOf, stateAt } from '../expiry.ts'
import { at, type JsonObject, list, type Path, string } from '../json.ts'
import { formatSelector } from '../labels.ts'
import type { Namespace } from '../namespace.ts'
import type { KubeObject } from '../object.ts'
import {
  type BoundSubjects,
  boundSubjects,
  clusterRoleBindingObject,
  roleBindingName,
  roleBindingObject,
  serviceAccountObject,
  timeAnnotations,
} from './bodies.ts'
import {
  type Definition,
  type DefinitionBinding,
  type DefinitionRoleBinding,
  type DefinitionSubject,
  decodeDefinition,
} from './definition.ts'
import { hasGoodName, isNamed } from './names.ts'
import { type DefinitionCheck, type DefinitionProblem, Problems, type Tell } from './problem.ts'
import { NamespaceIndex } from './select.ts'
import { tellTimes } from './times.ts'

/** What rbac-manager makes of definitions, and what is wrong with them. */
export interface Expansion {
  readonly definitions: readonly Definition[]
  /** ServiceAccounts, ClusterRoleBindings, RoleBindings, of a kind by namespace and name; each id once. */
  readonly objects: readonly KubeObject[]
  /** Bindings that do not hold at the time that was asked for. Accounts are no grants, and stay. */
  readonly ended: readonly { readonly object: KubeObject; readonly state: 'not-begun' | 'expired' }[]
  /** In the order of the definitions, of one in the order of its text. */
  readonly problems: readonly DefinitionProblem[]
  /** By name of definition the checks of which it has errors, and `unknown-namespaces`: all, where `problems` are bounded. */
  readonly faults: ReadonlyMap<string, ReadonlySet<DefinitionCheck>>
}

/** What a run makes, collisions included, so that a small file cannot ask for billions; with many subjects one counts as several. */
const MOST_MADE = 200_000
const SUBJECTS_OF_ONE = 8

export interface ExpandOptions {
  /** Milliseconds since 1970: only what holds then is made. Without it all is, whenever it holds. */
  readonly time?: number
  readonly most?: number
}

/**
 * pkg/reconciler/parser.go of rbac-manager 1.10, but that one fault does not stop the rest. Of definitions of different
 * names the older one, as far as that is known, is first to take a name.
 */
export function expandDefinitions(
  objects: readonly KubeObject[],
  namespaces: ReadonlyMap<string, Namespace>,
  { time, most = MOST_MADE }: ExpandOptions = {},
): Expansion {
  const problems = new Problems()
  const definitions = [...objects]
    .sort((a, b) => age(a) - age(b) || compare(a.id, b.id))
    .map((object) => decodeDefinition(object, problems.of(object)))
  const maker = new Maker(new NamespaceIndex(namespaces), problems, most, time)
  for (const definition of definitions) maker.make(definition)
  return {
    definitions,
    objects: [...maker.made.values()].sort(inOrder),
    ended: maker.ended.sort((a, b) => inOrder(a.object, b.object)),
    problems: problems.all(),
    faults: problems.faults,
  }
}

/** What a file alone holds is younger than what a cluster has. */
function age({ body }: KubeObject): number {
  return createdAt(body) ?? Number.MAX_VALUE
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const KINDS = ['ServiceAccount', 'ClusterRoleBinding', 'RoleBinding']

export function inOrder(a: KubeObject, b: KubeObject): number {
  const byKind = KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)
  return byKind || compare(a.namespace, b.namespace) || compare(a.name, b.name)
}

/** Namespaces that every cluster has, whether or not the input holds them. */
const ALWAYS_THERE: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease'])

class Maker {
  readonly made = new Map<string, KubeObject>()
  readonly ended: Expansion['ended'][number][] = []
  readonly #time: number | undefined
  readonly #namespaces: NamespaceIndex
  readonly #problems: Problems
  #left: number
  #isFull = false

  constructor(namespaces: NamespaceIndex, problems: Problems, most: number, time: number | undefined) {
    this.#time = time
    this.#namespaces = namespaces
    this.#problems = problems
    this.#left = most
  }

  make(definition: Definition): void {
    const tell = this.#problems.of(definition.object)
    tellTimes(definition, tell)
    for (const binding of definition.bindings) {
      const named = binding.subjects.filter((subject) => isNamed(subject, tell))
      for (const subject of named) this.#account(definition, subject, tell)
      const annotations = timeAnnotations(spanOf(definition.object, binding.name))
      if (binding.clusterRoleBindings.length > 0) this.#clusterWide(definition, binding, named, annotations, tell)
      const subjects = boundSubjects(binding, named)
      for (const each of binding.roleBindings)
        this.#inNamespaces(definition, binding, each, subjects, annotations, tell)
    }
  }

  #account(definition: Definition, subject: DefinitionSubject, tell: Tell): void {
    const { kind, namespace, name, path } = subject
    if (kind !== 'ServiceAccount') return
    if (namespace === '') {
      const meant = 'in a RoleBinding it is the account of that name in the namespace of the binding'
      tell(
        'account-without-namespace',
        'error',
        path,
        `the ServiceAccount ${name} has no namespace, so none is made; ${meant}, a ClusterRoleBinding cannot name it`,
      )
      return
    }
    this.#tellNamespace(namespace, `the ServiceAccount ${name}`, [...path, 'namespace'], tell)
    this.#add(serviceAccountObject(definition, subject), path, tell)
  }

  #clusterWide(
    definition: Definition,
    binding: DefinitionBinding,
    named: readonly DefinitionSubject[],
    annotations: JsonObject | undefined,
    tell: Tell,
  ): void {
    // rbac/validation requires the namespace there, and refuses the whole binding for one that lacks it.
    const bound = named.filter(({ kind, namespace }) => kind !== 'ServiceAccount' || namespace !== '')
    const subjects = boundSubjects(binding, bound)
    for (const each of binding.clusterRoleBindings) {
      const object = clusterRoleBindingObject(definition, binding, each, subjects, annotations)
      if (hasGoodName(object.name, each.path, tell)) this.#add(object, each.path, tell)
    }
  }

  #inNamespaces(
    definition: Definition,
    binding: DefinitionBinding,
    wanted: DefinitionRoleBinding,
    subjects: BoundSubjects,
    annotations: JsonObject | undefined,
    tell: Tell,
  ): void {
    const { path, namespace } = wanted
    const name = roleBindingName(definition, binding, wanted)
    if (!hasGoodName(name, path, tell)) return
    const add = (where: string): void =>
      this.#add(roleBindingObject(definition, binding, wanted, where, subjects, annotations), path, tell)
    if (!wanted.selector) {
      this.#tellNamespace(namespace, `the RoleBinding ${name}`, [...path, 'namespace'], tell)
      add(namespace)
      return
    }
    const { namespaces, unknown } = this.#namespaces.select(wanted.selector)
    this.#tellSelected(wanted, namespaces, unknown, tell)
    for (const each of namespaces)
      if (this.#hasRoom(path, tell)) add(each.name)
      else break
  }

  #tellSelected(
    { selector, path }: DefinitionRoleBinding,
    namespaces: readonly Namespace[],
    unknown: readonly string[],
    tell: Tell,
  ): void {
    const place = [...path, 'namespaceSelector']
    const words = formatSelector(selector ?? [])
    if (!this.#namespaces.isSeen)
      tell('unknown-namespaces', 'warning', place, `the input holds no Namespaces: what ${words} selects is not known`)
    else if (unknown.length > 0)
      tell(
        'unknown-namespaces',
        'warning',
        place,
        `the labels of ${named(unknown)} are not in the input: whether ${words} selects ${unknown.length === 1 ? 'it' : 'them'} is not known`,
      )
    else if (namespaces.length === 0) tell('selects-nothing', 'warning', place, `${words} selects no namespace`)
    const ending = namespaces.filter(isTerminating).map(({ name }) => name)
    if (ending.length > 0)
      tell(
        'terminating-namespace',
        'warning',
        place,
        `selects ${named(ending)}, terminating: nothing can be created there`,
      )
  }

  #tellNamespace(namespace: string, what: string, path: Path, tell: Tell): void {
    const found = this.#namespaces.all.get(namespace)
    if (found && isTerminating(found))
      tell(
        'terminating-namespace',
        'warning',
        path,
        `${what} is for ${namespace}, terminating: nothing can be created there`,
      )
    else if (!found && this.#namespaces.isSeen && !ALWAYS_THERE.has(namespace))
      tell('missing-namespace', 'warning', path, `${what} is for ${namespace}, which is not in the input`)
  }

  #hasRoom(path: Path, tell: Tell): boolean {
    if (this.#left > 0) return true
    if (!this.#isFull) tell('too-many', 'error', path, 'more objects are asked for than are made; from here on none is')
    this.#isFull = true
    return false
  }

  #add(object: KubeObject, path: Path, tell: Tell): void {
    if (!this.#hasRoom(path, tell)) return
    this.#left -= 1 + Math.floor(list(object.body.subjects).length / SUBJECTS_OF_ONE)
    const state = this.#time === undefined ? 'holds' : stateAt(spanOf(object), this.#time)
    if (state !== 'holds') {
      this.ended.push({ object, state })
      return
    }
    const first = this.made.get(object.id)
    if (!first) {
      this.made.set(object.id, object)
      return
    }
    const isSame = first.made?.by === object.made?.by && isEqual(first.body, object.body)
    // Several bindings of one account are its ordinary use.
    if (isSame && object.kind === 'ServiceAccount') return
    const other = first.made?.by === object.made?.by ? 'this definition' : `RBACDefinition ${first.made?.by.name}`
    const where = object.namespace === '' ? object.name : `${object.namespace}/${object.name}`
    tell(
      'collision',
      isSame ? 'note' : 'error',
      path,
      `${object.kind} ${where} is made by ${other} already${isSame ? ', the same' : ': this one is never created, and what differs in it has no effect'}`,
    )
  }
}

/** Lists that two bindings share are one list, which makes most comparisons short. */
function isEqual(a: JsonObject, b: JsonObject): boolean {
  return ['roleRef', 'subjects', 'imagePullSecrets', 'automountServiceAccountToken'].every(
    (key) => a[key] === b[key] || JSON.stringify(a[key]) === JSON.stringify(b[key]),
  )
}

function isTerminating({ object }: Namespace): boolean {
  if (!object) return false
  return (
    at(object.body, 'status', 'phase') === 'Terminating' ||
    string(at(object.body, 'metadata', 'deletionTimestamp')) !== undefined
  )
}

function named(names: readonly string[]): string {
  const some = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${some} and ${names.length - 3} more` : some
}
