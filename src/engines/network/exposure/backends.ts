import type { Because } from '../../../cluster/because.ts'
import { because } from '../../../cluster/because.ts'
import { both, type Truth } from '../../../cluster/labels.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { PodMember } from '../members.ts'
import type { NetworkModel } from '../model.ts'
import { portRange } from '../ports.ts'
import { proxyAdmitted } from './admission.ts'
import type { Exposure, ExposureKind } from './exposure.ts'
import { type Reference, targetsOf } from './references.ts'

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
    for (const { service, ports, alias } of targetsOf(model.services, reference)) {
      // Some proxies resolve the name, some refuse to, for it leads past the borders of namespaces (CVE-2021-25740).
      const [known, named]: readonly [Truth, readonly Because[]] = alias
        ? [
            'unknown',
            [because(`stands for ${service.object.id}, if the proxy follows it`, alias.object, EXTERNAL_NAME)],
          ]
        : ['yes', []]
      for (const backend of ports.flatMap((port) => model.services.backendsOf(service, port))) {
        const admitted = proxyAdmitted(model, backend, way.proxies)
        const truth = both(both(way.truth, known), admitted.truth)
        if (truth === 'no') continue
        const reasons = [
          because(`leads to Service ${reference.service}`, way.object, reference.path),
          ...named,
          ...way.because,
          ...admitted.because,
        ]
        yield {
          kind: way.kind,
          workload: backend.member.id,
          ports: portRange(backend.protocol, backend.port),
          truth,
          rule: way.object.id,
          because: reasons,
        }
      }
    }
  }
}

const EXTERNAL_NAME = ['spec', 'externalName']
