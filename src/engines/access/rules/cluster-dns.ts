import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Edge, EdgeKind } from '../../engine.ts'
import { probes } from '../probe.ts'
import { allows } from '../rights.ts'
import { type AccessContext, type AccessRule, once, placesOf, step } from '../rule.ts'
import type { ScopeKind, Scopes } from '../scope.ts'
import { ONLY, type ScopeKinds } from '../scopes.ts'
import type { Traffic } from './services.ts'

/** The cluster's DNS says where every name leads: who writes its configuration, or has its pods, stands before all Services. */

const WRITE = probes(['update', 'patch'], '', ['configmaps'])

export const DNS_KINDS: readonly EdgeKind[] = [
  {
    kind: 'answers-names',
    title: 'answers for every name of the cluster',
    from: 'workload',
    to: 'Scope names',
    chance: '1 to the scope, which leads on by answers-for, and stops every application',
    precondition:
      'its pods are labelled k8s-app=kube-dns, or it is named coredns, node-local-dns or kube-dns, in kube-system; or the DNS of OpenShift',
    source: 'kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers',
  },
]

export function clusterDns(kinds: ScopeKinds, traffic: Traffic): { names: ScopeKind; workloads: readonly Workload[] } {
  const workloads = [...kinds.workloadsIn('kube-system'), ...kinds.workloadsIn('openshift-dns')].filter(isDns)
  return {
    workloads,
    names: {
      name: 'names',
      *members(_, scopes) {
        const why = [because('every name of the cluster is asked of it')]
        yield { to: scopes.of(traffic.served, ''), because: why }
        yield { to: scopes.of(traffic.outside, ONLY), because: why }
        yield { to: scopes.of(kinds.applications, ''), because: why }
      },
    },
  }
}

const NAMED: ReadonlySet<string> = new Set(['coredns', 'node-local-dns', 'kube-dns'])

function isDns({ namespace, name, specs }: Workload): boolean {
  if (namespace === 'openshift-dns') return name === 'dns-default'
  return NAMED.has(name) || specs.some(({ pod }) => pod.labels.get('k8s-app') === 'kube-dns')
}

export function* dnsEdges(kinds: ScopeKinds, traffic: Traffic, scopes: Scopes): Generator<Edge> {
  const { names, workloads } = dnsOf(kinds, traffic)
  for (const { id, object } of workloads)
    yield {
      kind: 'answers-names',
      from: id,
      to: scopes.of(names, ONLY),
      chance: 1,
      truth: 'yes',
      rule: '',
      because: [because('it serves the names of the cluster', object)],
    }
}

const made = new WeakMap<Traffic, ReturnType<typeof clusterDns>>()

function dnsOf(kinds: ScopeKinds, traffic: Traffic): ReturnType<typeof clusterDns> {
  const known = made.get(traffic) ?? clusterDns(kinds, traffic)
  made.set(traffic, known)
  return known
}

export function dnsRules(kinds: ScopeKinds, cluster: Cluster, traffic: Traffic): readonly AccessRule[] {
  const { names, workloads } = dnsOf(kinds, traffic)
  // Where the ConfigMaps of the cluster were not exported, what its DNS mounts tells that they are there.
  const configured = new Map<string, { id: string; because: Edge['because'] }>()
  for (const workload of workloads)
    for (const use of cluster.usesOf(workload))
      if (use.kind === 'ConfigMap' && isThere(cluster, workload.namespace, use.name))
        configured.set(`${workload.namespace}/${use.name}`, {
          id: workload.id,
          because: [because(`${workload.name} is configured by ConfigMap ${use.name}`, use.object, use.path)],
        })
  for (const name of ['coredns', 'coredns-custom', 'node-local-dns', 'kube-dns']) {
    const object = cluster.get(idOf('ConfigMap', 'kube-system', name))
    if (object && !configured.has(`kube-system/${name}`))
      configured.set(`kube-system/${name}`, {
        id: object.id,
        because: [because('it configures the cluster’s DNS', object)],
      })
  }
  return [
    {
      kinds: [
        {
          kind: 'rewrite-dns',
          title: 'says where names of the cluster lead',
          from: 'User, Group, ServiceAccount',
          to: 'Scope names',
          chance: '1 to the scope, which leads on by answers-for, and stops every application',
          precondition:
            '`update` or `patch` on configmaps, for all or by name, in the namespace of the cluster’s DNS, for one that it mounts: coredns and the like in kube-system',
          source: 'coredns.io/plugins/reload; kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers',
        },
      ],
      *edges(rights, context: AccessContext) {
        if (configured.size === 0) return
        const told = new Set<string>()
        for (const { namespace, right } of placesOf(rights, ...WRITE)) {
          const within = new Set(context.scopes.within(namespace))
          for (const [key, { because: why }] of configured) {
            const [place, name] = key.split('/') as [string, string]
            if (!within.has(place) || !allows(right, name)) continue
            yield* once(told, step('rewrite-dns', rights, context.scopes.of(names, ONLY), [right], { because: why }))
          }
        }
      },
    },
  ]
}

/** A ConfigMap that a listing does not show is not there; an update of it makes none. */
function isThere(cluster: Cluster, namespace: string, name: string): boolean {
  return cluster.get(idOf('ConfigMap', namespace, name)) !== undefined || !cluster.wasListed('ConfigMap')
}
