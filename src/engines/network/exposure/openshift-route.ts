import { at, field, list, string } from '../../../cluster/json.ts'
import { throughProxy } from './backends.ts'
import type { Exposure, ExposureInput } from './exposure.ts'
import { facing, proxiesOf } from './proxies.ts'

/** route.openshift.io Route: its port is one of the pods, by number or by the name of a port of the Service. */
export function* openShiftRouteExposures({ model, found }: ExposureInput): Iterable<Exposure> {
  const proxies = proxiesOf(model, 'openshift')
  const truth = facing(model, found, proxies)
  for (const route of model.cluster.ofKind('Route', 'route.openshift.io')) {
    const spec = field(route.body, 'spec')
    const targets = [
      { target: field(spec, 'to'), path: ['spec', 'to'] },
      ...list(field(spec, 'alternateBackends')).map((target, index) => ({
        target,
        path: ['spec', 'alternateBackends', index],
      })),
    ]
    const references = targets.flatMap(({ target, path }) => {
      const service = string(field(target, 'name'))
      if (service === undefined || (string(field(target, 'kind')) ?? 'Service') !== 'Service') return []
      if (field(target, 'weight') === 0) return []
      return [{ namespace: route.namespace, service, port: at(spec, 'port', 'targetPort'), byTarget: true, path }]
    })
    yield* throughProxy(model, { kind: 'exposed-route', truth, object: route, proxies, because: [] }, references)
  }
}
