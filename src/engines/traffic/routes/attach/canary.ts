import { because } from '../../../../cluster/because.ts'
import { isCanary, locationsOf } from '../locations.ts'
import type { Attacher } from './attached.ts'

/** ingress-nginx sends part of the requests of a location to a canary, under the limits of the Ingress that made it. */
export const canaryAttacher: Attacher = (cluster) => ({
  products: ['ingress-nginx'],
  of: ({ draft: { object, rule } }) => {
    if (object.kind !== 'Ingress' || !isCanary(object)) return []
    const [main] = locationsOf(cluster).others(object, rule)
    return main ? [{ object: main, because: [because('a canary of it has its limits', main)] }] : []
  },
})
