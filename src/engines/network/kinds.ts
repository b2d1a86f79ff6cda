import type { EdgeKind } from '../engine.ts'
import type { ExposureKind } from './exposure/exposure.ts'

const exposed = (kind: ExposureKind, title: string, precondition: string, source: string): EdgeKind => ({
  kind,
  title,
  from: 'Internet',
  to: 'workload',
  chance: '0.1',
  precondition: `${precondition}; policies that isolate the workload for ingress admit the source`,
  source,
})

/** What the docs say of the edges of the network engine. */
export const NETWORK_KINDS: readonly EdgeKind[] = [
  {
    kind: 'sends',
    title: 'is one of a class of senders',
    from: 'workload or Node',
    to: 'Reach',
    chance: '1',
    precondition: 'a policy, or the absence of one, gives it a way out that the class has in common',
    source: 'docs/reference/risk.md',
  },
  {
    kind: 'connects',
    title: 'can open a connection',
    from: 'Reach',
    to: 'Reach',
    chance: '0.1 on a port that the target is known to serve, 0.02 on another',
    precondition: 'egress of the source and ingress of the target both admit it',
    source: 'k8s.io/api networking/v1 types.go',
  },
  {
    kind: 'receives',
    title: 'is one of a class of receivers',
    from: 'Reach',
    to: 'workload',
    chance: '1',
    precondition: 'a policy, or the absence of one, gives it a way in that the class has in common',
    source: 'docs/reference/risk.md',
  },
  exposed(
    'exposed-load-balancer',
    'is behind a load balancer on the internet',
    'Service of type LoadBalancer, not internal, whose source ranges hold public addresses',
    'core/v1 ServiceSpec',
  ),
  exposed(
    'exposed-node-port',
    'is behind a port of every node',
    'Service of type NodePort, or LoadBalancer that allocates node ports; unknown, for no firewall was exported',
    'core/v1 ServiceSpec',
  ),
  exposed(
    'exposed-external-ip',
    'is behind an address that is routed to nodes',
    'Service with externalIPs; unknown, for no routing was exported',
    'core/v1 ServiceSpec',
  ),
  exposed(
    'exposed-host-port',
    'has a port of its node',
    'hostPort not bound to loopback; unknown, for no firewall was exported',
    'core/v1 ContainerPort',
  ),
  exposed(
    'exposed-host-network',
    'listens on its node',
    'hostNetwork and a declared port; unknown, for no firewall was exported',
    'core/v1 PodSpec',
  ),
  exposed(
    'exposed-ingress',
    'is the backend of an Ingress',
    'the class is not internal and a proxy is admitted',
    'networking.k8s.io/v1 IngressSpec',
  ),
  exposed(
    'exposed-gateway',
    'is the backend of a route of a Gateway',
    'the Gateway admits the route, a ReferenceGrant the backend',
    'gateway.networking.k8s.io/v1, networking.istio.io/v1',
  ),
  exposed(
    'exposed-route',
    'is the backend of an OpenShift, Traefik or Contour route',
    'a proxy is admitted',
    'route.openshift.io/v1, traefik.io/v1alpha1, projectcontour.io/v1',
  ),
]
