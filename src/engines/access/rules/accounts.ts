import type { RbacPolicy } from '../../../authz/policy.ts'
import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { idOf, idParts } from '../../../cluster/object.ts'
import type { Edge } from '../../engine.ts'
import { type Probe, probe, probes } from '../probe.ts'
import type { Right, Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, creating, once, step, together } from '../rule.ts'
import type { ScopeKind } from '../scope.ts'
import { ONLY } from '../scopes.ts'
import { templateResources } from './templates.ts'

const CREATE = probe('create', '', 'serviceaccounts')
const CREATE_NAMESPACE = probe('create', '', 'namespaces')
const MINT = probe('create', '', 'serviceaccounts/token')
const CREATE_SECRET = probe('create', '', 'secrets')
const READ_SECRET = probes(['get', 'list', 'watch'], '', ['secrets'])

/** Service accounts that a binding holds for whoever creates them: namespace to names. */
type Missing = ReadonlyMap<string, readonly string[]>

export function accountRules(cluster: Cluster, policy: RbacPolicy): readonly AccessRule[] {
  const missing = missingAccounts(cluster, policy)
  const making = templateResources(cluster).map((each) => each.creating)
  const here = scopeOf('missing accounts', missing)
  return [
    {
      kinds: [
        {
          kind: 'create-account',
          title: 'creates a service account that a binding waits for',
          from: 'User, Group, ServiceAccount',
          to: 'ServiceAccount that a binding names and the input does not hold, or Scope missing accounts',
          chance: '1',
          precondition:
            '`create` on serviceaccounts in its namespace, and a way to its token there: `create` on serviceaccounts/token (also by name), on pods or another kind with a pod template, or on secrets with a right to read them all; where the input shows that the namespace is not there, `create` on namespaces too',
          source: 'plugin/pkg/auth/authorizer/rbac; pkg/controller/serviceaccount',
        },
      ],
      *edges(rights, context) {
        if (missing.size === 0) return
        const told = new Set<string>()
        for (const place of ['', ...rights.namespaces]) {
          const creates = creating(rights, place, CREATE)
          if (creates.length === 0) continue
          const isNew = (by: readonly Right[]): boolean => by.some((right) => right.held.namespace === place)
          const inPlace = context.scopes.within(place).some((each) => missing.has(each))
          for (const way of waysTo(rights, place, making)) {
            for (const by of inPlace ? together(rights, creates, ...way) : [])
              if (isNew(by)) yield* once(told, step('create-account', rights, context.scopes.of(here, place), by))
            if (place === '') yield* elsewhere(rights, creates, way, missing, context)
          }
          for (const mint of rights.in(place, MINT))
            for (const by of mint.names ? together(rights, creates, [mint]) : [])
              for (const namespace of isNew(by) ? context.scopes.within(place) : [])
                for (const name of missing.get(namespace) ?? [])
                  if (mint.names?.includes(name))
                    yield* once(
                      told,
                      step('create-account', rights, idOf('ServiceAccount', namespace, name), by, {
                        because: [because(`service account ${namespace}/${name} is not in the input`)],
                      }),
                    )
        }
      },
    },
  ]
}

/** Of namespaces that no object of the input is in. */
function* elsewhere(
  rights: Rights,
  creates: readonly Right[],
  way: readonly (readonly Right[])[],
  missing: Missing,
  { cluster, scopes }: AccessContext,
): Generator<Edge> {
  const isHere = new Set(scopes.namespaces)
  const there = new Map([...missing].filter(([namespace]) => !isHere.has(namespace)))
  if (there.size === 0) return
  const scope: ScopeKind = {
    name: 'missing accounts elsewhere',
    *members() {
      for (const [namespace] of there) yield* membersIn(namespace, there)
    },
  }
  const also = cluster.wasListed('Namespace') ? [creating(rights, '', CREATE_NAMESPACE)] : []
  const [by] = together(rights, creates, ...way, ...also)
  if (by) yield step('create-account', rights, scopes.of(scope, ONLY), by)
}

function scopeOf(name: string, missing: Missing): ScopeKind {
  return { name, members: (namespace) => membersIn(namespace, missing) }
}

function membersIn(namespace: string, missing: Missing): ReturnType<ScopeKind['members']> {
  return (missing.get(namespace) ?? []).map((name) => ({
    to: idOf('ServiceAccount', namespace, name),
    because: [because(`a binding names service account ${namespace}/${name}, which is not in the input`)],
  }))
}

function missingAccounts(cluster: Cluster, policy: RbacPolicy): Missing {
  const run = new Set(
    cluster.workloads.flatMap(({ namespace, specs }) =>
      specs.map(({ pod }) => idOf('ServiceAccount', namespace, pod.serviceAccountName)),
    ),
  )
  const found = new Map<string, string[]>()
  for (const id of policy.subjects.keys()) {
    const { kind, namespace, name } = idParts(id)
    if (kind !== 'ServiceAccount' || namespace === '' || name === 'default' || run.has(id) || cluster.get(id)) continue
    // Those that Kubernetes binds itself are of its controllers, which make them.
    if (policy.bindingsOf(id).every((binding) => binding.assumed)) continue
    const same = found.get(namespace)
    if (same) same.push(name)
    else found.set(namespace, [name])
  }
  return found
}

/** Each way to the token of a new account of any name, as the rights that it takes beside. */
function waysTo(rights: Rights, place: string, making: readonly Probe[]): readonly (readonly (readonly Right[])[])[] {
  return [
    [rights.in(place, MINT).filter((right) => right.names === undefined)],
    [creating(rights, place, ...making)],
    [
      creating(rights, place, CREATE_SECRET),
      rights.in(place, ...READ_SECRET).filter((right) => right.names === undefined),
    ],
  ]
}
