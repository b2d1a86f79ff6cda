import { because } from '../../../../cluster/because.ts'
import type { Attacher } from './attached.ts'

/** Products that read annotations of the Services behind a route as well. */
export const serviceAttacher: Attacher = () => ({
  products: ['haproxy', 'haproxy-ingress', 'kong', 'contour'],
  of: ({ services }) => services.map((object) => ({ object, because: [because('is the Service behind it', object)] })),
})
