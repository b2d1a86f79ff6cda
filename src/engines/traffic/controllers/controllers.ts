import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at } from '../../../cluster/json.ts'
import { plainSelector, selects } from '../../../cluster/labels.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { isManaged, PROXIES, type ProxyProduct } from '../../../cluster/proxies.ts'
import type { Workload } from '../../../cluster/workload.ts'
import { growthOf } from '../bounds/growth-of.ts'
import { controllerClassesOf } from './classes.ts'
import type { Controller } from './controller.ts'
import { flagsOf } from './flags.ts'
import { MANAGED, settingsOf, UNSEEN } from './settings.ts'

const done = new WeakMap<Cluster, readonly Controller[]>()

/**
 * Every proxy of the input that passes requests from outside on, by what it runs and how it is labelled. An install that
 * stands in the input several times is one, as its objects are: the last of them counts.
 */
export function controllersOf(cluster: Cluster): readonly Controller[] {
  const known = done.get(cluster)
  if (known) return known
  const services = Map.groupBy(cluster.ofKind('Service'), (service) => service.namespace)
  const all = cluster.workloads.flatMap((workload) => {
    const product = workload.finished ? undefined : productOf(workload)
    return product === undefined ? [] : [controllerOf(cluster, product, workload, services)]
  })
  done.set(cluster, all)
  return all
}

function productOf(workload: Workload): ProxyProduct | undefined {
  return PROXIES.find((proxy) => workload.specs.some(({ pod }) => proxy.runs(pod)))?.product
}

function controllerOf(
  cluster: Cluster,
  product: ProxyProduct,
  workload: Workload,
  services: ReadonlyMap<string, readonly KubeObject[]>,
): Controller {
  const { settings, object } = settingsOf(cluster, product, workload)
  const said = workload.object ?? workload.pods[0]?.object
  return {
    product,
    workload,
    services: (services.get(workload.namespace) ?? []).filter((service) => leadsTo(service, workload)),
    settings,
    settingsObject: object,
    classes: controllerClassesOf(product, flagsOf(workload)),
    replicas: growthOf(cluster)(workload.id),
    because: said ? [because(`runs ${product}`, said, workload.specs[0]?.pod.containers[0]?.path ?? [])] : [],
  }
}

function leadsTo(service: KubeObject, workload: Workload): boolean {
  const selector = plainSelector(at(service.body, 'spec', 'selector'))
  return selector !== undefined && workload.specs.some(({ pod }) => selects(selector, pod.labels))
}

/** A controller of which only the class was seen: a load balancer of the cloud, or one that the input does not run. */
export function unseenController(product: ProxyProduct, classes: readonly string[]): Controller {
  const { settings, object } = isManaged(product) ? MANAGED : UNSEEN
  return {
    product,
    workload: undefined,
    services: [],
    settings,
    settingsObject: object,
    classes,
    replicas: { now: undefined, most: undefined, because: [] },
    because: [],
  }
}
