import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { pluralOf } from '../../../cluster/kinds.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { type Making, placesOfAll } from '../making.ts'
import { type Probe, probe, probes } from '../probe.ts'
import { allows, type Right, type Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, creating, once, step, together } from '../rule.ts'
import { ONLY, type ScopeKinds } from '../scopes.ts'

/** Admission that refuses privileged pods, done away with by who writes it; and namespaces that nobody has guarded yet. */

const FROM = 'User, Group, ServiceAccount'
const CREATE_NAMESPACE = probe('create', '', 'namespaces')
/** More than these are no guard that one takes away in passing, and each is asked of each subject. */
const MOST = 8

export function guardRules(kinds: ScopeKinds, cluster: Cluster, making: Making): readonly AccessRule[] {
  return [
    {
      kinds: [
        {
          kind: 'remove-guard',
          title: 'takes away what refuses privileged pods, and creates one',
          from: FROM,
          to: 'Scope nodes',
          chance: '1',
          precondition:
            'a pod or a pod template of one’s own choice in a namespace whose Pod Security label lets privileged pods in, and `update`, `patch` or `delete` on each of the webhook configurations, admission policies (or policies of Kyverno and Gatekeeper) that may refuse them',
          source: 'staging/src/k8s.io/apiserver/pkg/admission',
        },
      ],
      *edges(rights, context) {
        const { guarded } = guardsOf(context)
        if (guarded.length === 0) return
        const told = new Set<string>()
        for (const place of ['', ...rights.namespaces]) {
          for (const { namespaces, guards } of guarded) {
            const removing = guards.map((guard) => removers(rights, guard, cluster))
            if (removing.some((each) => each.length === 0)) continue
            const here = context.scopes.within(place).filter((each) => namespaces.has(each))
            const pods = making
              .specs(rights, place, context)
              .filter((right) => here.some((each) => making.isOfUse(right, each, context)))
            for (const by of together(rights, pods, ...removing)) {
              if (by[0]?.held.namespace !== place) continue
              yield* once(
                told,
                step('remove-guard', rights, context.scopes.of(kinds.nodes, ONLY), by, {
                  because: guards.map((guard) =>
                    because(`${guard.kind} ${guard.name} is all that may refuse it`, guard),
                  ),
                }),
              )
            }
          }
        }
      },
    },
    {
      kinds: [
        {
          kind: 'new-namespace',
          title: 'creates a namespace that nobody has guarded, and a privileged pod in it',
          from: FROM,
          to: 'Scope nodes',
          chance: '1',
          precondition:
            '`create` on namespaces, and `create` on pods or a pod template in every namespace; drawn where no namespace of the input is sure to let a privileged pod in, and unknown where webhooks or policies may refuse it',
          source: 'k8s.io/pod-security-admission/api: the default level of the API server',
        },
      ],
      *edges(rights, context) {
        const { isOpen } = guardsOf(context)
        if (isOpen) return
        const told = new Set<string>()
        const pods = (place: string): readonly Right[] =>
          making.specs(rights, place, context).filter(({ probe: { verb } }) => verb === 'create')
        for (const { by } of placesOfAll(rights, () => creating(rights, '', CREATE_NAMESPACE), pods)) {
          if (by.some((right) => isLocal(right))) continue
          yield* once(
            told,
            step('new-namespace', rights, context.scopes.of(kinds.nodes, ONLY), by, {
              truth: context.known.guards('').length === 0 ? 'yes' : 'unknown',
            }),
          )
        }
      },
    },
  ]
}

/** A RoleBinding is in a namespace that is there already. */
function isLocal({ held: { namespace } }: Right): boolean {
  return namespace !== ''
}

interface Guarded {
  /** Sets of guards that are all that may refuse a privileged pod in some namespaces. */
  readonly guarded: readonly { readonly namespaces: ReadonlySet<string>; readonly guards: readonly KubeObject[] }[]
  /** Whether some namespace is sure to let a privileged pod in. */
  readonly isOpen: boolean
}

const found = new WeakMap<AccessContext, Guarded>()

function guardsOf(context: AccessContext): Guarded {
  const known = found.get(context) ?? makeGuarded(context)
  found.set(context, known)
  return known
}

function makeGuarded({ scopes, known, cluster }: AccessContext): Guarded {
  const guarded = new Map<string, { namespaces: Set<string>; guards: readonly KubeObject[] }>()
  let isOpen = false
  for (const namespace of scopes.namespaces) {
    const { truth } = known.admits(namespace, 'privileged')
    if (truth === 'yes') isOpen = true
    const guards = truth === 'unknown' ? known.guards(namespace) : []
    // Of a namespace that was not seen, the label is not known.
    if (guards.length === 0 || guards.length > MOST || cluster.namespaces.get(namespace)?.seen !== true) continue
    const key = guards.map(({ id }) => id).join(' ')
    const same = guarded.get(key)
    if (same) same.namespaces.add(namespace)
    else guarded.set(key, { namespaces: new Set([namespace]), guards })
  }
  return { guarded: [...guarded.values()], isOpen }
}

const removing = new WeakMap<KubeObject, readonly Probe[]>()

function removers(rights: Rights, guard: KubeObject, cluster: Cluster): readonly Right[] {
  const wanted =
    removing.get(guard) ??
    probes(['update', 'patch', 'delete'], guard.group, [pluralOf(guard.group, guard.kind, cluster)])
  removing.set(guard, wanted)
  return rights.in(guard.namespace, ...wanted).filter((right) => allows(right, guard.name))
}
