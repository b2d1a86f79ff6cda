import type { KubeObject } from '../../../cluster/object.ts'
import { Annotations, flag } from './annotations.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { dialect } from './found.ts'
import { ingressNginxAnnotations } from './ingress-nginx-annotations.ts'
import { ingressNginxSettings } from './ingress-nginx-settings.ts'

export const INGRESS_NGINX_PREFIX = 'nginx.ingress.kubernetes.io'

/** ingress-nginx 1.15.1 and before: annotations of an Ingress, and the ConfigMap's defaults for all of them. */
export const INGRESS_NGINX = dialect('ingress-nginx', 'ingress-nginx', read)

function read(object: KubeObject | undefined, settings: Settings): Iterable<FoundLimit> {
  if (object === undefined) return ingressNginxSettings(settings)
  if (object.kind !== 'Ingress') return []
  const prefix = flag(settings, 'annotations-prefix')?.value ?? INGRESS_NGINX_PREFIX
  return ingressNginxAnnotations(new Annotations(object, [prefix]), settings)
}
