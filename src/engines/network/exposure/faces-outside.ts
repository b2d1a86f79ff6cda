import { noAddresses } from '../../../cluster/addresses.ts'
import { both } from '../../../cluster/labels.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Answer } from '../../known.ts'
import type { NetworkModel } from '../model.ts'
import { exposuresOf } from './exposures.ts'
import { gatewayFaces } from './gateway.ts'
import { ingressFaces } from './ingress.ts'
import { hasPrivateAddress, internalLoadBalancer, publicSources } from './load-balancer.ts'
import { facing, proxiesOf } from './proxies.ts'

/**
 * Whether what an object asks for is on the internet, whatever stands behind it: an Ingress, a Gateway, a load balancer;
 * of other objects whether the proxies of their product are.
 */
export function facesOutside(model: NetworkModel, object: KubeObject, product: string | undefined): Answer {
  if (object.kind === 'Ingress') return ingressFaces(model, exposuresOf(model), object)
  if (object.kind === 'Gateway' && object.group !== 'networking.istio.io')
    return gatewayFaces(model, exposuresOf(model), object)
  if (object.kind === 'Service' && object.group === '') return serviceFaces(model, object)
  return { truth: facing(model, exposuresOf(model), proxiesOf(model, product ?? '')), because: [] }
}

function serviceFaces(model: NetworkModel, object: KubeObject): Answer {
  const service = model.services.get(object.namespace, object.name)
  if (service?.type !== 'LoadBalancer') return { truth: 'unknown', because: [] }
  if (internalLoadBalancer(service) !== undefined || noAddresses(publicSources(service)))
    return { truth: 'no', because: [] }
  return { truth: both('yes', hasPrivateAddress(object) ? 'unknown' : 'yes'), because: [] }
}
