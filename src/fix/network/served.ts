import { at, field, type Json, list, number, string } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { ingressClassOf } from '../../cluster/serving-class.ts'
import { proxiesOf } from '../../engines/network/exposure/proxies.ts'
import type { PodMember } from '../../engines/network/members.ts'
import type { NetworkModel } from '../../engines/network/model.ts'
import { isPortNumber } from '../../engines/network/policy-port.ts'
import { isProtocol } from '../../engines/network/ports.ts'
import type { Service, ServicePort } from '../../engines/network/services.ts'
import type { Port } from './allowance.ts'
import { formatPorts, joinNeeds, type Needs, shortName, toWorkload } from './ends.ts'
import { routedBy } from './routes.ts'

/** Callers that stand in no pod: the outside, and the control plane. */
export interface Served {
  /**
   * What a workload must go on admitting for what it is exposed by, and for the API server. `seen`: ports on which its
   * callers were recorded, so that a proxy that the input does not tell is among them.
   */
  needsOf(workload: string, seen: readonly Port[]): Needs
}

interface Need extends Needs {
  readonly ofUnknownProxy?: true
}

export function servedBy(model: NetworkModel): Served {
  const needs = new Map<string, Need[]>()
  const add = (workload: string, one: Need): void => {
    const own = needs.get(workload)
    if (own) own.push(one)
    else needs.set(workload, [one])
  }
  const addService = (service: Service, ports: readonly ServicePort[], needsOf: (ports: readonly Port[]) => Need) => {
    for (const port of ports)
      for (const { member, ...backend } of model.services.backendsOf(service, port)) add(member.id, needsOf([backend]))
  }
  for (const service of model.services.all)
    if (service.type === 'LoadBalancer' || service.type === 'NodePort' || service.externalIPs.length > 0)
      addService(service, service.ports, everyone(`it is exposed (Service ${shortName(service.object.id)})`))
  for (const { by, service, ports } of routedBy(model)) addService(service, ports, throughProxies(model, by))
  for (const member of model.members) if (member.kind === 'pod') add(member.id, ofHostPorts(member))
  for (const { service: named, port, by } of calledByApiServer(model.cluster.objects)) {
    const service = model.services.get(named.namespace, named.name)
    const ports = service?.ports.filter((each) => each.port === port) ?? []
    if (service) addService(service, ports, everyone(`the API server calls it for ${by}, from addresses that change`))
  }
  return {
    needsOf: (workload, seen) =>
      joinNeeds(
        (needs.get(workload) ?? []).filter(
          ({ ofUnknownProxy, allowances }) =>
            !ofUnknownProxy || !allowances.every(({ ports }) => ports.every((port) => isAmong(seen, port))),
        ),
      ),
  }
}

function isAmong(ports: readonly Port[], { protocol, port }: Port): boolean {
  return ports.some((each) => each.protocol === protocol && each.port === port)
}

function everyone(why: string): (ports: readonly Port[]) => Needs {
  return (ports) => ({
    allowances: [{ peer: 'everyone', ports }],
    notes: [`${why}: everyone is admitted on ${formatPorts(ports)}`],
  })
}

/** The pods that serve an Ingress, where its class tells them and they are in the input; else whoever may. */
function throughProxies(model: NetworkModel, route: KubeObject): (ports: readonly Port[]) => Need {
  const controller = route.kind === 'Ingress' ? ingressClassOf(model.cluster, route).controller : undefined
  const proxies = controller === undefined ? [] : proxiesOf(model, controller)
  const ids = [...new Set(proxies.map(({ id }) => id))]
  if (ids.length > 0) return (ports) => joinNeeds(ids.map((id) => toWorkload(model, id, ports)))
  const admitted = everyone(`it is exposed (${route.kind} ${shortName(route.id)}), by a proxy that is not known`)
  return (ports) => ({ ...admitted(ports), ofUnknownProxy: true })
}

function ofHostPorts({ pod }: PodMember): Needs {
  const ports = pod.containers
    .flatMap((container) => container.ports)
    .flatMap(({ hostPort, protocol, port }) =>
      hostPort !== undefined && isProtocol(protocol) && isPortNumber(port) ? [{ protocol, port }] : [],
    )
  return ports.length === 0 ? { allowances: [], notes: [] } : everyone('it has ports of its node')(ports)
}

interface Called {
  readonly service: { readonly namespace: string; readonly name: string }
  readonly port: number
  readonly by: string
}

/** Admission webhooks, aggregated APIs and conversions: admissionregistration, apiregistration and apiextensions v1. */
function* calledByApiServer(objects: readonly KubeObject[]): Generator<Called> {
  for (const object of objects) {
    switch (object.kind) {
      case 'ValidatingWebhookConfiguration':
      case 'MutatingWebhookConfiguration':
        for (const webhook of list(field(object.body, 'webhooks')))
          yield* called(at(webhook, 'clientConfig', 'service'), 'an admission webhook')
        break
      case 'APIService':
        yield* called(at(object.body, 'spec', 'service'), 'an aggregated API')
        break
      case 'CustomResourceDefinition':
        yield* called(at(object.body, 'spec', 'conversion', 'webhook', 'clientConfig', 'service'), 'conversions')
        break
      default:
    }
  }
}

function* called(reference: Json | undefined, by: string): Generator<Called> {
  const name = string(field(reference, 'name'))
  const namespace = string(field(reference, 'namespace'))
  if (name === undefined || namespace === undefined) return
  yield { service: { name, namespace }, port: number(field(reference, 'port')) ?? 443, by }
}
