import { addressesOf, addressSet, overlap, PUBLIC } from '../../../cluster/addresses.ts'
import { type Because, because } from '../../../cluster/because.ts'
import { at, field, isObject, type Json, list, type Path, string } from '../../../cluster/json.ts'
import { both, type Truth } from '../../../cluster/labels.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'
import { ingressClassOf, type ServingClass } from '../../../cluster/serving-class.ts'
import type { Answer } from '../../known.ts'
import type { NetworkModel } from '../model.ts'
import { throughProxy } from './backends.ts'
import type { Exposure, ExposureInput } from './exposure.ts'
import { facing, proxiesOf } from './proxies.ts'
import type { Reference } from './references.ts'

/** networking.k8s.io and extensions Ingress. */
export function* ingressExposures({ model, found }: ExposureInput): Iterable<Exposure> {
  for (const ingress of model.cluster.ofKind('Ingress', 'networking.k8s.io')) {
    const proxies = proxiesOf(model, ingressClassOf(model.cluster, ingress).controller)
    const { truth, because } = ingressFaces(model, found, ingress)
    yield* throughProxy(
      model,
      { kind: 'exposed-ingress', truth, object: ingress, proxies, because },
      references(ingress),
    )
  }
}

/** Whether what serves an Ingress is on the internet. */
export function ingressFaces(model: NetworkModel, found: readonly Exposure[], ingress: KubeObject): Answer {
  const served = ingressClassOf(model.cluster, ingress)
  const [truth, because] = outside(model, ingress, served)
  return { truth: both(truth, facing(model, found, proxiesOf(model, served.controller))), because }
}

/** The Services that an Ingress refers to. */
export function references(ingress: KubeObject): readonly Reference[] {
  const spec = field(ingress.body, 'spec')
  const all: Reference[] = []
  const add = (backend: Json | undefined, path: Path): void => {
    // extensions/v1beta1 wrote serviceName and servicePort.
    const service = string(at(backend, 'service', 'name')) ?? string(field(backend, 'serviceName'))
    const port =
      at(backend, 'service', 'port', 'number') ??
      at(backend, 'service', 'port', 'name') ??
      field(backend, 'servicePort')
    if (isObject(backend) && service !== undefined) all.push({ namespace: ingress.namespace, service, port, path })
  }
  for (const key of ['defaultBackend', 'backend']) add(field(spec, key), ['spec', key])
  list(field(spec, 'rules')).forEach((rule, index) => {
    list(at(rule, 'http', 'paths')).forEach((each, number) => {
      add(field(each, 'backend'), ['spec', 'rules', index, 'http', 'paths', number, 'backend'])
    })
  })
  return all
}

const SOURCE_RANGES: readonly string[] = [
  'nginx.ingress.kubernetes.io/whitelist-source-range',
  'nginx.ingress.kubernetes.io/allowlist-source-range',
  'haproxy.org/allow-list',
  'haproxy-ingress.github.io/allowlist-source-range',
  'alb.ingress.kubernetes.io/inbound-cidrs',
]

/** Whether the class and the annotations put the Ingress on the internet. */
function outside(model: NetworkModel, ingress: KubeObject, served: ServingClass): readonly [Truth, readonly Because[]] {
  const annotations = annotationsOf(ingress.body)
  if (served.name === 'gce-internal' || annotations.get('appgw.ingress.kubernetes.io/use-private-ip') === 'true')
    return ['no', []]
  // The AWS Load Balancer Controller makes internal load balancers unless the Ingress or its class says otherwise.
  if (/(^|\/)alb$/.test(served.controller ?? '') && albScheme(model, annotations, served) !== 'internet-facing')
    return ['no', []]
  for (const key of SOURCE_RANGES) {
    const ranges = (annotations.get(key) ?? '').split(',').map((range) => range.trim())
    const parsed = ranges.filter((range) => addressSet(range) !== undefined)
    if (parsed.length > 0 && !overlap(addressesOf(parsed), PUBLIC)) return ['no', []]
  }
  if (served.name === undefined && model.cluster.ofKind('IngressClass', 'networking.k8s.io').length > 0)
    return ['unknown', [because('has no class, and no IngressClass is the default', ingress, ['spec'])]]
  if (/internal|private|intranet/i.test(served.name ?? ''))
    return ['unknown', [because(`its class ${served.name} may be internal`, ingress, ['spec'])]]
  return ['yes', []]
}

function albScheme(model: NetworkModel, annotations: ReadonlyMap<string, string>, { object }: ServingClass): string {
  const parameters = string(at(object?.body, 'spec', 'parameters', 'name'))
  const ofClass = model.cluster.ofKind('IngressClassParams', 'elbv2.k8s.aws').find((each) => each.name === parameters)
  return (
    string(at(ofClass?.body, 'spec', 'scheme')) ?? annotations.get('alb.ingress.kubernetes.io/scheme') ?? 'internal'
  )
}
