import type { KubeObject } from '../../../cluster/object.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { dialect, unread } from './found.ts'
import { traefikMiddleware } from './traefik-middleware.ts'
import { traefikNginxIngress } from './traefik-nginx-ingress.ts'
import { traefikSettings } from './traefik-settings.ts'
import { isAtLeast } from './versions.ts'

const FORMER_GROUP = 'traefik.containo.us'

/** Traefik 3.7.9: Middlewares of both API groups, entry points, and the annotations that its ingress-nginx provider takes. */
export const TRAEFIK = dialect('traefik', 'Traefik', read)

function* read(object: KubeObject | undefined, settings: Settings): Iterable<FoundLimit> {
  if (object === undefined) yield* traefikSettings(settings)
  else if (object.kind === 'Ingress') yield* traefikNginxIngress(object, settings)
  else if (object.kind === 'Middleware' && object.group === 'traefik.io') yield* traefikMiddleware(object)
  else if (object.kind === 'Middleware' && object.group === FORMER_GROUP)
    for (const each of traefikMiddleware(object)) yield ofFormerGroup(each, settings)
}

/** traefik.containo.us went with 3.0.0. */
function ofFormerGroup(each: FoundLimit, settings: Settings): FoundLimit {
  const gone = isAtLeast(settings, 3, 0)
  if (gone === 'no' || each.inert) return each
  if (gone === 'unknown')
    return unread(each.limit, `the version of Traefik (3.0 took ${FORMER_GROUP} out)`, ...each.because)
  const because = each.because
    .slice(0, 1)
    .map((first) => ({ ...first, text: `Traefik 3 does not read ${FORMER_GROUP}` }))
  return { ...each, inert: { rule: 'removed-feature', because } }
}
