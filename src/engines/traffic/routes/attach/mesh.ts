import { because } from '../../../../cluster/because.ts'
import type { Cluster } from '../../../../cluster/cluster.ts'
import { at, list, string } from '../../../../cluster/json.ts'
import { parseSelector, plainSelector, type Selector, selects } from '../../../../cluster/labels.ts'
import { annotationsOf, idOf, type KubeObject } from '../../../../cluster/object.ts'
import { serversOf } from '../../controllers/serving.ts'
import type { Placed } from '../finish.ts'
import type { Attached, Attacher } from './attached.ts'
import { rejection } from './policies.ts'

const ISTIO = 'networking.istio.io'

/** EnvoyFilters of the gateway that carries a route, and of the sidecars of its target; DestinationRules of its Services. */
export const istioAttacher: Attacher = (cluster) => {
  const filters = cluster.ofKind('EnvoyFilter', ISTIO).map((object) => ({
    object,
    selector: plainSelector(at(object.body, 'spec', 'workloadSelector', 'labels')),
    contexts: new Set(
      list(at(object.body, 'spec', 'configPatches')).map((each) => string(at(each, 'match', 'context')) ?? 'ANY'),
    ),
  }))
  const rules = destinationRules(cluster)
  const root = rootNamespace(cluster)
  return {
    of: (placed) => [
      ...filters.flatMap((filter) => filtered(cluster, root, placed, filter)),
      ...placed.services
        .flatMap((service) => rules.get(`${service.namespace}/${service.name}`) ?? [])
        .map(({ unknown, ...rule }) =>
          unknown && placed.draft.controller?.product !== 'istio' ? { ...rule, unknown } : rule,
        ),
    ],
  }
}

/** Where configuration holds for all namespaces: `meshConfig.rootNamespace`, istio-system by default. */
function rootNamespace(cluster: Cluster): string {
  const istio = serversOf(cluster)
    .all()
    .find(({ product }) => product === 'istio')
  return istio?.settings.values.get('rootNamespace')?.value ?? 'istio-system'
}

interface Filter {
  readonly object: KubeObject
  readonly selector: Selector | undefined
  readonly contexts: ReadonlySet<string>
}

function filtered(
  cluster: Cluster,
  root: string,
  placed: Placed,
  { object, selector, contexts }: Filter,
): readonly Attached[] {
  const holds = (id: string): boolean => {
    const workload = cluster.workload(id)
    if (!workload || (object.namespace !== root && object.namespace !== workload.namespace)) return false
    return selector === undefined || workload.specs.some(({ pod }) => selects(selector, pod.labels))
  }
  const atGateway = contexts.has('GATEWAY') || contexts.has('ANY')
  const atSidecar = contexts.has('SIDECAR_INBOUND') || contexts.has('ANY')
  const { controller } = placed.draft
  const path = ['spec', 'workloadSelector']
  if (atGateway && controller?.product === 'istio') {
    if (controller.workload && holds(controller.workload.id))
      return [{ object, product: 'istio', because: [because('patches the gateway that carries it', object, path)] }]
    // The gateway's pods are not in the input; by custom they carry these labels.
    if (
      !controller.workload &&
      selector &&
      selects(
        selector,
        new Map([
          ['istio', 'ingressgateway'],
          ['app', 'istio-ingressgateway'],
        ]),
      )
    )
      return [{ object, product: 'istio', because: [because('patches the ingress gateway', object, path)] }]
  }
  const workload = atSidecar ? placed.workloads.find(holds) : undefined
  if (workload === undefined) return []
  const reason = because(`patches the sidecars of ${workload}`, object, path)
  const sidecar = injected(cluster, workload)
  return [
    {
      object,
      product: 'istio',
      behind: true,
      because: [reason],
      ...(sidecar === 'yes'
        ? {}
        : {
            unknown: {
              missing: 'whether the pods have a sidecar (the label istio-injection of the namespace)',
              because: [because('no sidecar of its pods is seen')],
            },
          }),
    },
  ]
}

function injected(cluster: Cluster, id: string): 'yes' | 'unknown' {
  const workload = cluster.workload(id)
  const own = (workload?.specs ?? []).some(
    ({ pod }) =>
      pod.containers.some(({ name }) => name === 'istio-proxy') || pod.labels.get('sidecar.istio.io/inject') === 'true',
  )
  const labels = cluster.namespaces.get(workload?.namespace ?? '')?.labels
  return own || labels?.get('istio-injection') === 'enabled' || labels?.has('istio.io/rev') ? 'yes' : 'unknown'
}

/** By the Service that their host means: a short name is one of their own namespace. */
function destinationRules(cluster: Cluster): ReadonlyMap<string, readonly Attached[]> {
  const all = new Map<string, Attached[]>()
  for (const object of cluster.ofKind('DestinationRule', ISTIO)) {
    const host = (string(at(object.body, 'spec', 'host')) ?? '').replace(/\.svc(\.[a-z0-9.-]+)?$/, '')
    const [name, namespace = object.namespace] = host.split('.')
    const key = `${namespace}/${name}`
    const attached: Attached = {
      object,
      product: 'istio',
      because: [because('is for its Service', object, ['spec', 'host'])],
      ...(at(object.body, 'spec', 'trafficPolicy', 'connectionPool') === undefined
        ? {}
        : {
            unknown: {
              missing: 'whether what calls the Service is a proxy of the mesh',
              because: [because('holds where a proxy of Istio makes the connection', object, ['spec', 'host'])],
            },
          }),
    }
    all.set(key, [...(all.get(key) ?? []), attached])
  }
  return all
}

const UNMESHED = {
  missing: 'whether the pods have a proxy of Linkerd (the annotation linkerd.io/inject of the namespace)',
  because: [because('no proxy of Linkerd is seen in its pods')],
}

function isMeshed(cluster: Cluster, id: string): boolean {
  const workload = cluster.workload(id)
  const namespace = cluster.get(idOf('Namespace', '', workload?.namespace ?? ''))
  const ofNamespace = namespace && annotationsOf(namespace.body).get(INJECT)
  return (workload?.specs ?? []).some(
    ({ pod }) =>
      pod.containers.some(({ name }) => name === 'linkerd-proxy') ||
      /^(enabled|ingress)$/.test(pod.annotations.get(INJECT) ?? ofNamespace ?? ''),
  )
}

const INJECT = 'linkerd.io/inject'

/** Linkerd: policies for a Server hold for the pods and the port that it selects. */
export const linkerdAttacher: Attacher = (cluster) => {
  const policies = cluster.ofKind('HTTPLocalRateLimitPolicy', 'policy.linkerd.io').flatMap((object) => {
    const name = string(at(object.body, 'spec', 'targetRef', 'name')) ?? ''
    const server = cluster.get(idOf('Server.policy.linkerd.io', object.namespace, name))
    const selector = parseSelector(at(server?.body, 'spec', 'podSelector'))
    return server && selector && typeof selector !== 'string' ? [{ object, server, selector }] : []
  })
  return {
    of: ({ workloads }) =>
      policies.flatMap(({ object, server, selector }) => {
        const isHeld = workloads.some((id) => {
          const workload = cluster.workload(id)
          return (
            workload?.namespace === object.namespace && workload.specs.some(({ pod }) => selects(selector, pod.labels))
          )
        })
        const against = rejection(object)
        if (!isHeld) return []
        return [
          {
            object,
            product: 'linkerd',
            behind: true,
            because: [because(`holds for Server ${server.name}`, object, ['spec', 'targetRef'])],
            ...(workloads.some((id) => isMeshed(cluster, id)) ? {} : { unknown: UNMESHED }),
            ...(against ? { inert: { rule: 'not-accepted', because: [against] } } : {}),
          } satisfies Attached,
        ]
      }),
  }
}
