import { because } from '../../../cluster/because.ts'
import { at, string } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { FoundLimit } from '../dialects/dialect.ts'
import { isCanary, locationsOf } from '../routes/locations.ts'
import type { Judging, Ruling } from './judging.ts'

/**
 * What ingress-nginx leaves of the annotations of an Ingress (internal/ingress/controller/controller.go): nothing of a
 * canary, nothing where an older Ingress has written the same location, and nothing for TLS that it passes on unread.
 */
export function notOfLocation(
  { cluster, placed }: Judging,
  { limit, because: [said] }: FoundLimit,
): Ruling | undefined {
  const { object, controller, rule, host } = placed.draft
  if (object.kind !== 'Ingress' || controller?.product !== 'ingress-nginx') return undefined
  const locations = locationsOf(cluster)
  if (said?.object === object && isCanary(object))
    return {
      state: 'inert',
      rule: 'canary',
      because: [because('a canary has the limits of the Ingress that it stands beside, not its own', object)],
    }
  if (limit.kind !== 'requests' && limit.kind !== 'connections') return undefined
  if (said?.object === object) {
    const lost = locations.others(object, rule).map((other) => behindOlder(object, other))
    const ruling = lost.find((each) => each?.state === 'inert') ?? lost.find((each) => each !== undefined)
    if (ruling) return ruling
  }
  const passing = locations.passing(host)
  return passing && passedOn(passing, controller)
}

/** The oldest Ingress makes the location (internal/ingress/controller/store/store.go, `ListIngresses`). */
function behindOlder(object: KubeObject, other: KubeObject): Ruling | undefined {
  const [own, its] = [object, other].map(({ body }) => string(at(body, 'metadata', 'creationTimestamp')))
  const name = `Ingress ${other.namespace}/${other.name}`
  const place = ['metadata', 'creationTimestamp']
  if (own === undefined || its === undefined)
    return {
      state: 'unknown',
      rule: 'overridden',
      missing: 'metadata.creationTimestamp of Ingresses that write the same host and path, of which the oldest counts',
      because: [because(`${name} writes the same host and path, and the older of the two counts`, other)],
    }
  if (own < its || (own === its && idOf(object) < idOf(other))) return undefined
  return {
    state: 'inert',
    rule: 'overridden',
    because: [because(`${name} writes the same host and path and is older: what it says counts`, other, place)],
  }
}

function idOf({ namespace, name }: KubeObject): string {
  return `${namespace}/${name}`
}

const ANNOTATION = 'nginx.ingress.kubernetes.io/ssl-passthrough'

function passedOn(
  passing: KubeObject,
  { workload, settings }: NonNullable<Judging['placed']['draft']['controller']>,
): Ruling | undefined {
  const reason = because('TLS is passed on unread: only plain HTTP is counted', passing, [
    'metadata',
    'annotations',
    ANNOTATION,
  ])
  const flag = settings.flags.get('enable-ssl-passthrough')
  if (!workload)
    return {
      state: 'unknown',
      rule: 'passthrough',
      missing: 'whether the controller runs with --enable-ssl-passthrough',
      because: [reason],
    }
  if (!flag || flag.value === 'false') return undefined
  return { state: 'bypassable', rule: 'passthrough', because: [reason, flag.because] }
}
