import type { RbacPolicy } from '../../authz/policy.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Edge, EdgeKind } from '../engine.ts'
import type { Known } from '../known.ts'
import type { Probe } from './probe.ts'
import { isOwnStep, type Right, type Rights, ruleId, whyRight } from './rights.ts'
import type { ScopeKind, Scopes } from './scope.ts'

export interface AccessContext {
  readonly cluster: Cluster
  readonly known: Known
  readonly policy: RbacPolicy
  readonly scopes: Scopes
}

/** One way in which RBAC lets a subject take a step. */
export interface AccessRule {
  readonly kinds: readonly EdgeKind[]
  edges(rights: Rights, context: AccessContext): Iterable<Edge>
}

/**
 * The places where a subject has one of these rights: everywhere (''), then each namespace where it has one that does
 * not hold everywhere. Rights of a group alone are told at the group.
 */
export function* placesOf(rights: Rights, ...probes: readonly Probe[]): Generator<{ namespace: string; right: Right }> {
  for (const namespace of ['', ...rights.namespaces]) {
    for (const right of rights.in(namespace, ...probes)) {
      if (right.held.namespace === namespace && isOwnStep(rights.subject, [right])) yield { namespace, right }
    }
  }
}

/**
 * Places where a subject has a right of each list; a place where all of them hold everywhere is told once, at ''. With
 * each right of the first list stand those of the second: one that is for all names, else each that names some.
 */
export function* placesOfBoth(
  rights: Rights,
  first: readonly Probe[],
  second: readonly Probe[],
): Generator<{ namespace: string; rights: readonly [Right, Right] }> {
  for (const namespace of ['', ...rights.namespaces]) {
    const others = rights.in(namespace, ...second)
    if (others.length === 0) continue
    for (const one of rights.in(namespace, ...first)) {
      const here = others.filter((each) => one.held.namespace === namespace || each.held.namespace === namespace)
      const widest = here.find((each) => each.names === undefined)
      for (const other of widest ? [widest] : here)
        if (isOwnStep(rights.subject, [one, other])) yield { namespace, rights: [one, other] }
    }
  }
}

/**
 * Each right of the first list with one of every other: of the same holder where there is one, so that what a group can do
 * alone is told at the group.
 */
export function* together(
  rights: Rights,
  first: readonly Right[],
  ...others: readonly (readonly Right[])[]
): Generator<readonly Right[]> {
  if (others.some((each) => each.length === 0)) return
  for (const one of first) {
    const all = [one]
    for (const each of others)
      all.push(each.find((right) => right.held.holder === one.held.holder) ?? (each[0] as Right))
    if (isOwnStep(rights.subject, all)) yield all
  }
}

/** Rights to make a new object: a create has no name. */
export function creating(rights: Rights, namespace: string, ...probes: readonly Probe[]): readonly Right[] {
  return rights.in(namespace, ...probes).filter((right) => right.names === undefined)
}

/** The edge of a right; one for each binding, since a fix must take them all. */
export function step(
  kind: string,
  rights: Rights,
  to: string,
  by: readonly Right[],
  options: { chance?: number; truth?: Edge['truth']; because?: Edge['because'] } = {},
): Edge {
  return {
    kind,
    from: rights.subject,
    to,
    chance: options.chance ?? 1,
    truth: options.truth ?? 'yes',
    rule: ruleId(...by),
    because: [...by.flatMap(whyRight), ...(options.because ?? [])],
  }
}

/** One rule of a role may hold several of the rights that lead to the same. */
export function* once(told: Set<string>, edge: Edge): Generator<Edge> {
  const key = `${edge.to} ${edge.rule}`
  if (!told.has(key)) yield edge
  told.add(key)
}

/** Edges of a right over a kind of scope: to the scope, or to what the names in the rule stand for. */
export function* overScope(
  kind: string,
  rights: Rights,
  context: AccessContext,
  scope: ScopeKind,
  probes: readonly Probe[],
  named: (namespace: string, name: string) => Iterable<string>,
): Generator<Edge> {
  for (const { namespace, right } of placesOf(rights, ...probes)) {
    if (right.names === undefined) {
      yield step(kind, rights, context.scopes.of(scope, namespace), [right])
      continue
    }
    for (const each of context.scopes.within(namespace))
      for (const name of right.names) for (const to of named(each, name)) yield step(kind, rights, to, [right])
  }
}
