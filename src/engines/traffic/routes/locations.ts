import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, list, type Path, string } from '../../../cluster/json.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'
import { ingressClassOf } from '../../../cluster/serving-class.ts'

const PREFIX = 'nginx.ingress.kubernetes.io/'

/** Locations of ingress-nginx that several Ingresses write: one of them makes it, and canaries only add backends to it. */
export interface Locations {
  /** The other Ingresses of the class of this one that write the location of its rule, canaries left out. */
  others(ingress: KubeObject, rule: Path): readonly KubeObject[]
  /** The Ingress that has TLS of this host passed on unread. */
  passing(host: string): KubeObject | undefined
}

const done = new WeakMap<Cluster, Locations>()

export function locationsOf(cluster: Cluster): Locations {
  const known = done.get(cluster)
  if (known) return known
  const made = makeLocations(cluster)
  done.set(cluster, made)
  return made
}

export function isCanary(ingress: KubeObject): boolean {
  return annotationsOf(ingress.body).get(`${PREFIX}canary`) === 'true'
}

function makeLocations(cluster: Cluster): Locations {
  const all = new Map<string, KubeObject[]>()
  const hosts = new Map<string, KubeObject>()
  for (const ingress of cluster.ofKind('Ingress', 'networking.k8s.io')) {
    if (isCanary(ingress)) continue
    const passes = annotationsOf(ingress.body).get(`${PREFIX}ssl-passthrough`) === 'true'
    for (const [index, rule] of list(at(ingress.body, 'spec', 'rules')).entries()) {
      const host = string(field(rule, 'host')) ?? ''
      if (passes && host !== '') hosts.set(host, ingress)
      for (const number of list(at(rule, 'http', 'paths')).keys()) {
        const key = keyOf(cluster, ingress, ['spec', 'rules', index, 'http', 'paths', number])
        const same = all.get(key)
        if (!same) all.set(key, [ingress])
        else if (!same.includes(ingress) && same.length < MOST) same.push(ingress)
      }
    }
  }
  return {
    others: (ingress, rule) =>
      rule[1] === 'rules' ? (all.get(keyOf(cluster, ingress, rule)) ?? []).filter((each) => each !== ingress) : [],
    passing: (host) => hosts.get(host),
  }
}

const MOST = 100

function keyOf(cluster: Cluster, ingress: KubeObject, rule: Path): string {
  const host = string(at(ingress.body, ...rule.slice(0, 3), 'host')) ?? ''
  const path = at(ingress.body, ...rule)
  const type = string(field(path, 'pathType')) ?? 'ImplementationSpecific'
  const served = ingressClassOf(cluster, ingress).name ?? ''
  return JSON.stringify([served, host, string(field(path, 'path')) ?? '/', type === 'Exact' ? type : 'Prefix'])
}
