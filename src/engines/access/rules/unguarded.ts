import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Edge } from '../../engine.ts'
import { hasTemplate } from '../making.ts'
import { probes } from '../probe.ts'
import { allows, type Right, type Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, once, placesOfBoth, step } from '../rule.ts'
import { ONLY, type ScopeKinds } from '../scopes.ts'
import { EPHEMERAL, podsNamed, type WorkloadsNamed } from './pods.ts'
import { type TemplateResource, templateResources } from './templates.ts'

/** Pod Security is a label of the namespace: who may change it has no guard in the way. */

const WRITE_NAMESPACE = probes(['update', 'patch'], '', ['namespaces'])

const FROM = 'User, Group, ServiceAccount'
const SOURCE = 'k8s.io/pod-security-admission/admission'

export function unguardedRules(kinds: ScopeKinds, cluster: Cluster): readonly AccessRule[] {
  return [unguardedPods(kinds, templateResources(cluster)), unguardedContainers(kinds, podsNamed(cluster))]
}

function unguardedPods(kinds: ScopeKinds, resources: readonly TemplateResource[]): AccessRule {
  const making = resources.flatMap((each) => [each.creating, ...each.patching])
  const resourceOf = new Map(resources.flatMap((each) => each.patching.map((one) => [one, each] as const)))
  return {
    kinds: [
      {
        kind: 'unguarded-pod',
        title: 'takes the Pod Security label off a namespace and creates a privileged pod in it',
        from: FROM,
        to: 'Scope nodes',
        chance: '1',
        precondition:
          '`create-pod` or `patch-template` in a namespace that Pod Security guards, and `update` or `patch` on that namespace; unknown where webhooks or policies may refuse the pod as well',
        source: SOURCE,
      },
    ],
    *edges(rights, context) {
      const told = new Set<string>()
      for (const { namespace, rights: both } of placesOfBoth(rights, making, WRITE_NAMESPACE)) {
        const [makes, writes] = both
        const resource = resourceOf.get(makes.probe)
        if (!resource && makes.names !== undefined) continue
        const first = leastHindered(
          guardedIn(namespace, writes, context).filter(
            (each) => !resource || hasTemplate(resource, makes, each, kinds, context),
          ),
          context,
        )
        if (first !== undefined)
          yield* once(
            told,
            step('unguarded-pod', rights, context.scopes.of(kinds.nodes, ONLY), both, unguarded(first, context)),
          )
      }
    },
  }
}

function unguardedContainers(kinds: ScopeKinds, named: WorkloadsNamed): AccessRule {
  return {
    kinds: [
      {
        kind: 'unguarded-container',
        title: 'takes the Pod Security label off a namespace and adds a privileged container to a pod in it',
        from: FROM,
        to: 'Node, or a scope of those that run its pods',
        chance: '1',
        precondition:
          '`ephemeral-container` in a namespace that Pod Security guards, `update` or `patch` on that namespace, and a pod there that is neither in a user namespace nor in a sandbox',
        source: SOURCE,
      },
    ],
    *edges(rights: Rights, context: AccessContext): Generator<Edge> {
      const told = new Set<string>()
      for (const { namespace, rights: both } of placesOfBoth(rights, EPHEMERAL, WRITE_NAMESPACE)) {
        const [adds, writes] = both
        const guarded = guardedIn(namespace, writes, context)
        const first = leastHindered(guarded, context)
        if (first === undefined) continue
        // With every name of both, what is not guarded is open to the same rights without a label to take off.
        const places = adds.names === undefined && writes.names === undefined ? [namespace] : guarded
        for (const place of places) {
          const options = unguarded(place === namespace ? first : place, context)
          if (adds.names === undefined) {
            const to = context.scopes.of(kinds.nodesWithPods, place)
            yield* once(told, step('unguarded-container', rights, to, both, options))
          }
          for (const name of adds.names ?? [])
            for (const id of named(place, name))
              for (const { to, truth = 'yes' } of kinds.nodesUnder(id))
                yield* once(
                  told,
                  step('unguarded-container', rights, to, both, {
                    ...options,
                    truth: truth === 'yes' ? options.truth : 'unknown',
                  }),
                )
        }
      }
    },
  }
}

const guarded = new WeakMap<AccessContext, readonly string[]>()

/** The namespaces of a place that Pod Security guards and whose label this right may change. */
function guardedIn(place: string, writes: Right, context: AccessContext): readonly string[] {
  const { scopes, known } = context
  const isGuarded = (namespace: string): boolean => known.admits(namespace, 'privileged').truth === 'no'
  const within = scopes.within(place)
  if (within !== scopes.namespaces) return within.filter((each) => allows(writes, each) && isGuarded(each))
  const everywhere = guarded.get(context) ?? scopes.namespaces.filter(isGuarded)
  guarded.set(context, everywhere)
  return writes.names === undefined ? everywhere : everywhere.filter((each) => allows(writes, each))
}

/** Where the label is all that is in the way, if there is such a namespace. */
function leastHindered(namespaces: readonly string[], { known }: AccessContext): string | undefined {
  return namespaces.find((each) => known.guards(each).length === 0) ?? namespaces[0]
}

/** Without the label, other admission may still refuse a privileged pod. */
function unguarded(namespace: string, context: AccessContext): { truth: Edge['truth']; because: Edge['because'] } {
  const guards = context.known.guards(namespace)
  const others = guards.map((each) => because(`${each.kind} ${each.name} may refuse it; it was not evaluated`, each))
  return { truth: guards.length === 0 ? 'yes' : 'unknown', because: [whyGuarded(namespace, context), ...others] }
}

function whyGuarded(namespace: string, { cluster }: AccessContext): Because {
  return because(`namespace ${namespace} is guarded by its label`, cluster.namespaces.get(namespace)?.object, [
    'metadata',
    'labels',
    'pod-security.kubernetes.io/enforce',
  ])
}
