import type { Cluster } from './cluster.ts'
import { at, string } from './json.ts'
import { annotationsOf, type KubeObject } from './object.ts'
import { type ProxyProduct, proxyOfClass } from './proxies.ts'

export interface ServingClass {
  /** Undefined where the Ingress names none and none is the default. */
  readonly name: string | undefined
  readonly object: KubeObject | undefined
  /** What tells the program: the controller that the class object names, else the class's own name. */
  readonly controller: string | undefined
  readonly product: ProxyProduct | undefined
}

const IS_DEFAULT = 'ingressclass.kubernetes.io/is-default-class'

/** An Ingress without a class is served by the default one. */
export function ingressClassOf(cluster: Cluster, ingress: KubeObject): ServingClass {
  const named =
    string(at(ingress.body, 'spec', 'ingressClassName')) ??
    annotationsOf(ingress.body).get('kubernetes.io/ingress.class')
  const { byName, byDefault } = classesOf(cluster)
  const object = named === undefined ? byDefault : byName.get(named)
  const controller = string(at(object?.body, 'spec', 'controller')) ?? named
  return {
    name: named ?? object?.name,
    object,
    controller,
    product: controller === undefined ? undefined : proxyOfClass(controller)?.product,
  }
}

export function gatewayClassOf(cluster: Cluster, name: string): ServingClass {
  const object = classesOf(cluster).gateways.get(name)
  const controller =
    string(at(object?.body, 'spec', 'controllerName')) ?? string(at(object?.body, 'spec', 'controller')) ?? name
  return { name, object, controller, product: proxyOfClass(controller)?.product }
}

interface Classes {
  readonly byName: ReadonlyMap<string, KubeObject>
  readonly byDefault: KubeObject | undefined
  readonly gateways: ReadonlyMap<string, KubeObject>
}

const done = new WeakMap<Cluster, Classes>()

function classesOf(cluster: Cluster): Classes {
  const known = done.get(cluster)
  if (known) return known
  const all = cluster.ofKind('IngressClass', 'networking.k8s.io')
  const gateways = ['networking.x-k8s.io', 'gateway.networking.k8s.io'].flatMap((group) =>
    cluster.ofKind('GatewayClass', group),
  )
  const classes = {
    byName: new Map(all.map((object) => [object.name, object])),
    byDefault: all.find((each) => annotationsOf(each.body).get(IS_DEFAULT) === 'true'),
    gateways: new Map(gateways.map((object) => [object.name, object])),
  }
  done.set(cluster, classes)
  return classes
}
