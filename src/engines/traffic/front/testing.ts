import type { Cluster } from '../../../cluster/cluster.ts'
import { clusterOf } from '../../../cluster/testing.ts'
import { knownOf, partsOf } from '../../../known.ts'
import type { Known } from '../../known.ts'
import { routesOf } from '../routes/routes.ts'
import { type Front, frontsOf } from './front.ts'
import { type Ranges, SHIPPED_RANGES } from './ranges.ts'

/** For tests: a cluster with what engines know of it. */
export function knownCluster(...texts: readonly string[]): { readonly cluster: Cluster; readonly known: Known } {
  const cluster = clusterOf(texts.join('\n---\n'))
  return { cluster, known: knownOf(cluster, partsOf(cluster, { enforced: 'yes' })) }
}

/** For tests: who stands in front of the hosts that YAML text publishes, by host. */
export function frontsIn(texts: readonly string[], ranges: Ranges = SHIPPED_RANGES): ReadonlyMap<string, Front> {
  const { cluster, known } = knownCluster(...texts)
  return new Map(frontsOf(cluster, known, routesOf(cluster, known), ranges).map((front) => [front.host, front]))
}

/** For tests: ingress-nginx with a Service of this spec, and settings. */
export function nginx(service = 'type: LoadBalancer', settings: Readonly<Record<string, string>> = {}): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: nginx, namespace: edge}
spec:
  selector: {matchLabels: {app: nginx}}
  template:
    metadata: {labels: {app: nginx}}
    spec:
      containers:
        - name: controller
          image: registry.k8s.io/ingress-nginx/controller:v1.15.1
          args: [/nginx-ingress-controller, --configmap=edge/nginx]
          ports: [{name: https, containerPort: 443}, {name: webhook, containerPort: 8443}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: nginx, namespace: edge}
data: ${JSON.stringify(settings)}
---
apiVersion: v1
kind: Service
metadata: {name: nginx, namespace: edge}
spec: {selector: {app: nginx}, ports: [{name: https, port: 443, targetPort: https}], ${service}}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}`
}

/** For tests: a workload, its Service, and an Ingress of its host with these annotations. */
export function site(host: string, annotations: Readonly<Record<string, string>> = {}, name = 'web'): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: c, image: web, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {selector: {app: ${name}}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, namespace: shop, annotations: ${JSON.stringify(annotations)}}
spec:
  ingressClassName: nginx
  rules:
    - host: ${JSON.stringify(host)}
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: ${name}, port: {number: 80}}}}]}`
}

/** For tests: a node with one address. */
export const nodeAt = (address: string): string => `
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: ${address}}]}`

/** For tests: external-dns of a version. */
export const externalDns = (version: string, ...args: readonly string[]): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: external-dns, namespace: dns}
spec:
  selector: {matchLabels: {app: external-dns}}
  template:
    metadata: {labels: {app: external-dns}}
    spec:
      containers:
        - name: c
          image: registry.k8s.io/external-dns/external-dns:${version}
          args: ${JSON.stringify(['--provider=cloudflare', ...args])}`

/** For tests: a connector with rules from hosts to services. */
export const cloudflared = (rules: Readonly<Record<string, string>>): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: cloudflared, namespace: edge}
spec:
  selector: {matchLabels: {app: cloudflared}}
  template:
    metadata: {labels: {app: cloudflared}}
    spec:
      containers: [{name: c, image: cloudflare/cloudflared:2026.10.0, args: [tunnel, run]}]
      volumes: [{name: config, configMap: {name: cloudflared}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cloudflared, namespace: edge}
data:
  config.yaml: |
    ingress:
${Object.entries(rules)
  .map(([host, service]) => `    - hostname: ${JSON.stringify(host)}\n      service: ${service}`)
  .join('\n')}
    - service: http_status:404`
