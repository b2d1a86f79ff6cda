import type { RbacPolicy } from '../../authz/policy.ts'
import { isCollection, ruleGrants } from '../../authz/rules.ts'
import { implicitGroupIds } from '../../authz/subjects.ts'
import { type Because, because } from '../../cluster/because.ts'
import { idParts } from '../../cluster/object.ts'
import { type Binding, type Role, subjectId } from '../../cluster/rbac.ts'
import { type Become, gains } from './gains.ts'
import type { Probe } from './probe.ts'

/**
 * In place of a namespace: in each of them, and nothing that stands in none. As if a RoleBinding were in every namespace,
 * which whoever writes RoleBindings cluster-wide can make true.
 */
export const EVERY_NAMESPACE = 'every namespace'

/** A role that a subject holds in a scope: bound to it, or that it can bind or write for itself. */
export interface Held {
  readonly role: Role
  /** Empty: everywhere, and on what stands in no namespace. May be EVERY_NAMESPACE. */
  readonly namespace: string
  /** The subject that the binding names: the subject itself, or a group that it is in. */
  readonly holder: string
  /** The binding that gives the role, or the rights by which the subject can give it to itself. */
  readonly by: Binding | readonly Right[]
  /** The binding that refers to the role which those rights write. */
  readonly through?: Binding
  /** Whom that binding names, where it is another as whom the subject poses. */
  readonly as?: string
}

/** A rule that lets a subject make a kind of request: for everything in its scope, or for certain names. */
export interface Right {
  readonly probe: Probe
  readonly held: Held
  readonly rule: number
  /** Undefined: all names. */
  readonly names: readonly string[] | undefined
}

export function allows({ names }: Right, name: string): boolean {
  return names === undefined || names.includes(name)
}

/** The rights of one subject: its own, those of the groups that it is always in, and those it can give itself. */
export interface Rights {
  readonly subject: string
  readonly held: readonly Held[]
  /** Namespaces in which it holds a role that it does not hold everywhere; EVERY_NAMESPACE first, if at all. */
  readonly namespaces: readonly string[]
  /** Rights in a namespace, those that hold everywhere included; for '' only the latter. */
  in(namespace: string, ...probes: readonly Probe[]): readonly Right[]
}

type Granted = readonly { readonly rule: number; readonly names: readonly string[] | undefined }[]

/** By role, for as long as it lives: a plan judges clusters that share most of theirs. */
const GRANTS = new WeakMap<Role, Map<Probe, Granted>>()

/** Which rules of a role allow a kind of request, found once per role. */
function granted(role: Role, wanted: Probe): Granted {
  let ofRole = GRANTS.get(role)
  if (!ofRole) {
    ofRole = new Map()
    GRANTS.set(role, ofRole)
  }
  let found = ofRole.get(wanted)
  if (!found) {
    found = role.rules.flatMap((rule, index) =>
      ruleGrants(rule, wanted.verb, wanted.group, wanted.resource, wanted.subresource)
        ? [{ rule: index, names: namesOf(rule.resourceNames, wanted) }]
        : [],
    )
    ofRole.set(wanted, found)
  }
  return found
}

/** The empty name is one like any other, and the name of each request for a collection. */
function namesOf(resourceNames: readonly string[], wanted: Probe): readonly string[] | undefined {
  if (resourceNames.length === 0) return undefined
  return resourceNames.includes('') && isCollection(wanted.verb, wanted.subresource) ? undefined : resourceNames
}

const NONE: readonly Right[] = []

/** Rights that rest on these roles. */
export function rightsFrom(subject: string, held: readonly Held[]): Rights {
  const at = Map.groupBy(held, (each) => each.namespace)
  const known = new Map<string, readonly Held[]>()
  const heldAt = (namespace: string): readonly Held[] => {
    const held = known.get(namespace) ?? including(namespace).flatMap((place) => at.get(place) ?? [])
    known.set(namespace, held)
    return held
  }
  return {
    subject,
    held,
    namespaces: [...at.keys()].filter((each) => each !== '').sort(everyFirst),
    // Asked some hundred times of each subject, and mostly the answer is none.
    in: (namespace, ...wanted) => {
      let found: Right[] | undefined
      for (const each of heldAt(namespace)) {
        for (const one of wanted) {
          for (const { rule, names } of granted(each.role, one)) {
            found ??= []
            found.push({ rule, names, held: each, probe: one })
          }
        }
      }
      return found ?? NONE
    },
  }
}

/** What a subject can give itself by rights that are not its own to hold: as whom it may pose. */
export type MoreGains = (rights: Rights) => readonly Held[]

export function rightsOf(
  policy: RbacPolicy,
  become: Become = () => undefined,
  more: MoreGains = () => [],
  groupsOf: (subject: string) => readonly string[] = implicitGroupIds,
): (subject: string) => Rights {
  return (subject) => {
    const bound = [subject, ...groupsOf(subject)].flatMap((holder) =>
      policy.bindingsOf(holder).flatMap((binding): Held[] => {
        const role = policy.roleOf(binding)
        return role ? [{ role, namespace: binding.namespace, holder, by: binding }] : []
      }),
    )
    // What it can bind or write for itself may let it bind or write more; each round adds a role it did not hold.
    let rights = rightsFrom(subject, bound)
    for (;;) {
      const gained = gains(rights, policy, become)
      const next = gained.length > 0 ? gained : more(rights)
      if (next.length === 0) return rights
      rights = rightsFrom(subject, [...rights.held, ...next])
    }
  }
}

/** The bindings that a right rests on, through whatever roles the subject gave itself. */
export function bindingsBehind(right: Right): readonly Binding[] {
  const { by, through } = right.held
  if (!Array.isArray(by)) return [by as Binding]
  return [...(by as readonly Right[]).flatMap(bindingsBehind), ...(through ? [through] : [])]
}

/** The places that include a place: what is held in one of them is held there. */
export function including(namespace: string): readonly string[] {
  if (namespace === '') return ['']
  return namespace === EVERY_NAMESPACE ? ['', EVERY_NAMESPACE] : ['', EVERY_NAMESPACE, namespace]
}

function everyFirst(a: string, b: string): number {
  if (a === EVERY_NAMESPACE || b === EVERY_NAMESPACE) return a === b ? 0 : a === EVERY_NAMESPACE ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * A step that rests on rights of one group alone is the group's step, and every member reaches it through its
 * membership; a step that needs rights of two groups, or of a group and its own, is the subject's.
 */
export function isOwnStep(subject: string, rights: readonly Right[]): boolean {
  const holders = new Set(rights.map((right) => right.held.holder))
  return holders.size > 1 || holders.has(subject)
}

/** Whom a step by these rights belongs to: the one group, or the subject. */
export function holderOf(subject: string, rights: readonly Right[]): string {
  return isOwnStep(subject, rights) ? subject : (rights[0]?.held.holder ?? subject)
}

export function formatProbe({ verb, group, resource, subresource }: Probe): string {
  const combined = subresource === '' ? resource : `${resource}/${subresource}`
  return `${verb} ${group === '' ? combined : `${combined}.${group}`}`
}

export function whyRight(right: Right): readonly Because[] {
  const { role, by, holder, through, as } = right.held
  const named = right.names ? `, only ${right.names.slice(0, 5).join(', ')}${right.names.length > 5 ? ', …' : ''}` : ''
  const assumed = role.assumed ? ' (the default of this version)' : ''
  const allows = because(
    `${role.kind} ${role.name} allows ${formatProbe(right.probe)}${named}${assumed}`,
    role.object,
    role.aggregation ? ['aggregationRule'] : ['rules', right.rule],
  )
  if (Array.isArray(by))
    return [...(by as readonly Right[]).flatMap(whyRight), ...(through ? [whyBinding(through, as)] : []), allows]
  return [whyBinding(by as Binding, holder), allows]
}

function whyBinding(binding: Binding, holder?: string): Because {
  const subject = binding.subjects.findIndex((each) => subjectId(each) === holder)
  const whom = holder === undefined ? binding.subjects.map((each) => each.name).join(', ') : idParts(holder).name
  return because(
    `${binding.kind} ${binding.name} gives ${binding.roleKind} ${binding.roleName} to ${whom}`,
    binding.object,
    ['subjects', Math.max(subject, 0)],
  )
}

/** The deciding rules as part of an edge's id. */
export function ruleId(...rights: readonly Right[]): string {
  return rights
    .map(({ held: { role, by, namespace, through }, rule }) => {
      const given = Array.isArray(by)
        ? `(${ruleId(...(by as readonly Right[]))})${through ? ` ${through.object.id}` : ''} ${namespace}`
        : (by as Binding).object.id
      return `${given} ${role.object.id}#${rule}`
    })
    .join(' + ')
}
