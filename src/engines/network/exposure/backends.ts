import type { Because } from '../../../cluster/because.ts'
import { because } from '../../../cluster/because.ts'
import type { Json, Path } from '../../../cluster/json.ts'
import { both, type Truth } from '../../../cluster/labels.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { PodMember } from '../members.ts'
import type { NetworkModel } from '../model.ts'
import { portRange } from '../ports.ts'
import type { ServicePort } from '../services.ts'
import { proxyAdmitted } from './admission.ts'
import type { Exposure, ExposureKind } from './exposure.ts'

/** A reference from a rule of a proxy to a Service. */
export interface Reference {
  readonly namespace: string
  readonly service: string
  /** Number or name of a port of the Service; undefined means all. */
  readonly port: Json | undefined
  /** The ports that the number stands for are those of the pods (OpenShift routes). */
  readonly byTarget?: boolean
  readonly path: Path
}

export interface Way {
  readonly kind: ExposureKind
  readonly truth: Truth
  /** The Ingress, route or the like that refers to the Services. */
  readonly object: KubeObject
  readonly proxies: readonly PodMember[]
  readonly because: readonly Because[]
}

/** What the internet reaches through a proxy: the backends of the Services that it refers to, where policies let it in. */
export function* throughProxy(model: NetworkModel, way: Way, references: readonly Reference[]): Iterable<Exposure> {
  if (way.truth === 'no') return
  for (const reference of references) {
    const service = model.services.get(reference.namespace, reference.service)
    if (!service || service.type === 'ExternalName') continue
    for (const port of service.ports.filter((each) => means(reference, each))) {
      for (const backend of model.services.backendsOf(service, port)) {
        const admitted = proxyAdmitted(model, backend, way.proxies)
        const truth = both(way.truth, admitted.truth)
        if (truth === 'no') continue
        const reasons = [
          because(`leads to Service ${service.object.name}`, way.object, reference.path),
          ...way.because,
          ...admitted.because,
        ]
        const ports = portRange(backend.protocol, backend.port)
        yield { kind: way.kind, workload: backend.member.id, ports, truth, rule: way.object.id, because: reasons }
      }
    }
  }
}

function means({ port, byTarget }: Reference, servicePort: ServicePort): boolean {
  if (port === undefined || port === null || port === 0) return true
  if (port === servicePort.name) return true
  return byTarget ? port === servicePort.target : port === servicePort.port || port === String(servicePort.port)
}
