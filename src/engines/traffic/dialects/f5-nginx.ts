import type { KubeObject } from '../../../cluster/object.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { f5Annotations } from './f5-nginx-annotations.ts'
import { f5Policy } from './f5-nginx-policy.ts'
import { f5Settings } from './f5-nginx-settings.ts'
import { f5Upstreams } from './f5-nginx-upstreams.ts'
import { dialect } from './found.ts'

const GROUP = 'k8s.nginx.org'

/** NGINX Ingress Controller 5.5.4: Policy, VirtualServer and VirtualServerRoute, annotations nginx.org/*, ConfigMap. */
export const F5_NGINX = dialect('f5-nginx', 'NGINX Ingress Controller (F5)', read)

function read(object: KubeObject | undefined, settings: Settings): Iterable<FoundLimit> {
  if (object === undefined) return f5Settings(settings)
  if (object.kind === 'Ingress') return f5Annotations(object)
  if (object.group !== GROUP) return []
  if (object.kind === 'Policy') return f5Policy(object)
  return object.kind === 'VirtualServer' || object.kind === 'VirtualServerRoute' ? f5Upstreams(object) : []
}
