import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, string } from '../../../cluster/json.ts'
import { idOf } from '../../../cluster/object.ts'
import { CHANCE, CONTROL_PLANE, type Edge } from '../../engine.ts'
import { probe, probes } from '../probe.ts'
import { allows, isOwnStep, type Right, type Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, creating, once, placesOf, step } from '../rule.ts'
import { type ScopeKinds, workloadsBehind } from '../scopes.ts'

const FROM = 'User, Group, ServiceAccount'
const WRITE_SERVICES = probes(['update', 'patch'], 'apiregistration.k8s.io', ['apiservices'])
const CREATE_SERVICE = probe('create', '', 'services')
const WRITE_CONFIG = probes(['update', 'patch'], '', ['configmaps'])

const SYSTEM = 'kube-system'
const TRUST = 'extension-apiserver-authentication'

/** Of these groups the API server's own parts ask, and believe what they are told. */
const RULING = ['v1.', 'v1.rbac.authorization.k8s.io']
/** Of these the controller manager makes pods. */
const MAKING_PODS = ['v1.apps', 'v1.batch']

/** Rights over what serves the API, beside admission. */
export function extensionRules(kinds: ScopeKinds, cluster: Cluster): readonly AccessRule[] {
  return [replaceApi(kinds), forgeFrontProxy(aggregated(cluster, kinds))]
}

function replaceApi(kinds: ScopeKinds): AccessRule {
  return {
    kinds: [
      {
        kind: 'replace-api',
        title: 'has a group of the API served by itself',
        from: FROM,
        to: 'ControlPlane; for v1.apps and v1.batch Scope new-pods',
        chance: '1',
        precondition:
          '`update` or `patch` on apiservices, for all or by the name v1., v1.rbac.authorization.k8s.io, v1.apps or v1.batch, cluster-wide: without the label of the registration the API server leaves the change. It needs a Service to lead to: unknown where no right to create one was seen. To `create` one replaces none, since those of the API server are there',
        source: 'kube-aggregator/pkg/controllers/autoregister; kube-aggregator/pkg/apiserver/handler_proxy.go',
      },
    ],
    *edges(rights, context) {
      const told = new Set<string>()
      for (const right of rights.in('', ...WRITE_SERVICES)) {
        const to = RULING.some((name) => allows(right, name))
          ? CONTROL_PLANE
          : MAKING_PODS.some((name) => allows(right, name))
            ? context.scopes.of(kinds.newPods, '')
            : undefined
        if (to === undefined || !isOwnStep(rights.subject, [right])) continue
        const service = someService(rights)
        const by = service ? [right, service] : [right]
        yield* once(told, step('replace-api', rights, to, by, { truth: service ? 'yes' : 'unknown' }))
      }
    },
  }
}

function someService(rights: Rights): Right | undefined {
  for (const namespace of ['', ...rights.namespaces]) {
    const [service] = creating(rights, namespace, CREATE_SERVICE)
    if (service) return service
  }
  return undefined
}

interface Aggregated {
  readonly to: string
  readonly because: Edge['because']
}

/** The pods behind the Services that APIServices name. */
function aggregated(cluster: Cluster, kinds: ScopeKinds): readonly Aggregated[] {
  return cluster.ofKind('APIService', 'apiregistration.k8s.io').flatMap((service) => {
    const namespace = string(at(service.body, 'spec', 'service', 'namespace')) ?? ''
    const name = string(at(service.body, 'spec', 'service', 'name')) ?? ''
    const object = cluster.get(idOf('Service', namespace, name))
    if (!object) return []
    return workloadsBehind(object, kinds.workloadsIn(namespace)).map((workload) => ({
      to: workload.id,
      because: [because(`serves ${service.name} for the API server`, service, ['spec', 'service'])],
    }))
  })
}

/** Extension API servers believe whatever front proxy the ConfigMap names; the API server adds its own and takes none out. */
function forgeFrontProxy(servers: readonly Aggregated[]): AccessRule {
  return {
    kinds: [
      {
        kind: 'forge-front-proxy',
        title: 'is whoever it says to an extension API server',
        from: FROM,
        to: 'workload behind an APIService',
        chance: '0.1',
        precondition:
          '`update` or `patch` on the ConfigMap extension-apiserver-authentication in kube-system, and an APIService of the input whose Service selects the workload. Unknown: whether the identity reaches its port is in no object',
        source: 'pkg/controlplane/controller/clusterauthenticationtrust',
      },
    ],
    *edges(rights: Rights, { scopes }: AccessContext): Generator<Edge> {
      const told = new Set<string>()
      for (const { namespace, right } of servers.length === 0 ? [] : placesOf(rights, ...WRITE_CONFIG)) {
        if (!allows(right, TRUST) || !scopes.within(namespace).includes(SYSTEM)) continue
        for (const { to, because: why } of servers)
          yield* once(
            told,
            step('forge-front-proxy', rights, to, [right], { chance: CHANCE.served, truth: 'unknown', because: why }),
          )
      }
    },
  }
}
