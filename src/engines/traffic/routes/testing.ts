import { buildCluster, type Cluster } from '../../../cluster/cluster.ts'
import { objectsOf } from '../../../cluster/testing.ts'
import { knownOf, partsOf } from '../../../known.ts'
import type { Known } from '../../known.ts'
import { type Routing, type RoutingOptions, routingOf } from './routes.ts'

/** For tests: the cluster of YAML text, what engines know of it, and its routes. */
export function routed(
  text: string,
  options: RoutingOptions = {},
): { readonly cluster: Cluster; readonly known: Known; readonly routing: Routing } {
  const cluster = buildCluster({ objects: objectsOf(text) })
  const known = knownOf(cluster, partsOf(cluster, { enforced: 'assume' }))
  return { cluster, known, routing: routingOf(cluster, known, options) }
}

/** For tests: each limit of requests or connections that somebody wrote, as `requests effective R5`. */
export function statesOf(text: string, options: RoutingOptions = {}): readonly string[] {
  return routed(text, options).routing.routes.flatMap(({ limits }) =>
    limits
      .filter(({ byDefault, limit }) => !byDefault && (limit.kind === 'requests' || limit.kind === 'connections'))
      .map(({ limit, state, rule }) => [limit.kind, state, ...(rule === undefined ? [] : [rule])].join(' ')),
  )
}

/** For tests: a workload with a Service in front of it that serves port 80. */
export const app = (name: string, namespace = 'shop', service = ''): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80}]${service === '' ? '' : `, ${service}`}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec: {replicas: 3, selector: {matchLabels: {app: ${name}}}, template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: c, image: c, ports: [{containerPort: 80}]}]}}}
---`

/** For tests: ingress-nginx with its class, its ConfigMap and its Service. */
export const ingressNginx = (settings = '', service = 'externalTrafficPolicy: Local', annotations = ''): string => `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: controller, namespace: edge}
spec:
  replicas: 2
  strategy: {type: Recreate}
  selector: {matchLabels: {app: edge}}
  template:
    metadata: {labels: {app: edge}}
    spec:
      containers:
        - name: controller
          image: registry.k8s.io/ingress-nginx/controller:v1.15.1
          args: [--configmap=$(POD_NAMESPACE)/controller, --controller-class=k8s.io/ingress-nginx]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: controller, namespace: edge}
data: {${settings}}
---
apiVersion: v1
kind: Service
metadata: {name: controller, namespace: edge, annotations: {${annotations}}}
spec: {type: LoadBalancer, selector: {app: edge}, ports: [{port: 80}], ${service}}
---`

/** For tests: an Ingress of one path with these annotations of ingress-nginx. */
export const ingress = (annotations: string, name = 'web', host = 'shop.example.com', path = '/'): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, namespace: shop, annotations: {${annotations}}}
spec: {ingressClassName: nginx, rules: [{host: ${host}, http: {paths: [{path: ${path}, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
---`
