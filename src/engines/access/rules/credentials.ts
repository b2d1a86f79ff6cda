import { because } from '../../../cluster/because.ts'
import { claimsOf } from '../../../cluster/claims.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Dependency } from '../../../cluster/external/external.ts'
import { at, field, list, number } from '../../../cluster/json.ts'
import { idOf, idParts } from '../../../cluster/object.ts'
import type { ContainerPort } from '../../../cluster/pod.ts'
import type { Workload } from '../../../cluster/workload.ts'
import { CHANCE, type Edge, type EdgeKind } from '../../engine.ts'
import type { Known } from '../../known.ts'

export const CREDENTIAL_KINDS: readonly EdgeKind[] = [
  {
    kind: 'opens',
    title: 'is the credential of a service outside',
    from: 'Secret',
    to: 'External',
    chance: '1',
    precondition:
      'a workload that is configured to call the service takes a credential of the same family from the Secret; or the Secret pulls images from a registry',
    source: 'of this product',
  },
  {
    kind: 'inline-credential',
    title: 'has the credential of a service outside in its manifest',
    from: 'workload',
    to: 'External',
    chance: '1',
    precondition: 'a URL or DSN with a user and password, or a literal key, in env, args or a ConfigMap',
    source: 'of this product',
  },
  {
    kind: 'calls',
    title: 'calls a service outside',
    from: 'workload',
    to: 'External',
    chance: '0.1',
    precondition: 'a host, URL or DSN in env, args or a ConfigMap, with no credential beside it',
    source: 'of this product',
  },
  {
    kind: 'store-login',
    title: 'logs in to a store',
    from: 'workload',
    to: 'PersistentVolumeClaim, or the store where it has no claim',
    chance: '1',
    precondition:
      'it holds a credential for the store and network policies let it connect: the two together, from one node',
    source: 'docs/reference/risk.md',
  },
]

/** What the credentials that workloads hold lead to, outside the cluster and inside. */
export function* credentialEdges(cluster: Cluster, known: Known): Generator<Edge> {
  const { external, services, registryCredentials } = known.dependencies
  for (const service of external) {
    if (service.isMetadata) continue
    for (const use of service.uses) {
      if (use.hidden || cluster.workload(use.workload)?.finished !== false) continue
      const { credential } = use
      const to = service.id
      if (!credential) {
        yield {
          kind: 'calls',
          from: use.workload,
          to,
          chance: CHANCE.served,
          truth: 'yes',
          rule: '',
          because: use.because,
        }
      } else if (credential.secret !== undefined) {
        yield {
          kind: 'opens',
          from: credential.secret,
          to,
          chance: 1,
          truth: 'yes',
          rule: credential.key ?? '',
          because: [credential.because, ...use.because],
        }
      } else {
        yield {
          kind: 'inline-credential',
          from: use.workload,
          to,
          chance: 1,
          truth: 'yes',
          rule: credential.key ?? '',
          because: [credential.because, ...use.because],
        }
      }
    }
  }
  for (const { secret, registry, because: why } of registryCredentials) {
    yield {
      kind: 'opens',
      from: secret,
      to: idOf('External', '', registry),
      chance: 1,
      truth: 'yes',
      rule: '',
      because: why,
    }
  }
  for (const dependency of services) yield* logins(dependency, cluster, known)
}

/** A password alone opens nothing from afar, nor a route alone: the edge starts where both are. */
function* logins(dependency: Dependency, cluster: Cluster, known: Known): Generator<Edge> {
  const from = cluster.workload(dependency.from)
  const { credential } = dependency
  if (!from || from.finished || !credential) return
  for (const id of dependency.to) {
    const store = cluster.workload(id)
    if (!store || store.finished || id === from.id || !known.isStore(id)) continue
    const reached = known.reaches(from, store, portsBehind(dependency, store, cluster))
    if (reached.truth === 'no') continue
    const claims = claimsOf(cluster, store).map((claim) => claim.id)
    const why = [
      ...dependency.because,
      credential.because,
      ...reached.because,
      because(`${idParts(id).name} keeps data`, store.object),
    ]
    for (const to of claims.length > 0 ? claims : [id]) {
      yield {
        kind: 'store-login',
        from: from.id,
        to,
        chance: 1,
        truth: reached.truth,
        rule: dependency.service,
        because: why,
      }
    }
  }
}

/** The ports of the pods where the connection ends: a Service forwards to `targetPort`, a headless one to the same port. */
function portsBehind({ service, port }: Dependency, store: Workload, cluster: Cluster): readonly number[] {
  const object = cluster.get(service)
  const own = list(at(object?.body, 'spec', 'ports'))
  if (at(object?.body, 'spec', 'clusterIP') === 'None' && port !== undefined) return [port]
  const asked = own.filter((each) => port === undefined || number(field(each, 'port')) === port)
  const behind = asked.flatMap((each) => {
    const target = field(each, 'targetPort') ?? field(each, 'port')
    return typeof target === 'number'
      ? target
      : declared(store).flatMap(({ name, port }) => (name === target ? port : []))
  })
  return [...new Set(behind.length > 0 ? behind : declared(store).map((each) => each.port))]
}

function declared(workload: Workload): readonly ContainerPort[] {
  return workload.specs.flatMap(({ pod }) => pod.containers.flatMap(({ ports }) => ports))
}
