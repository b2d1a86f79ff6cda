import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { isGranted } from '../../../cluster/gateway-api/attachments.ts'
import { at, field, type Json, list, type Path, string } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Check, Join } from '../../check.ts'
import { hidingIn } from '../../hiding.ts'
import { failed, namesText, passed, undecided } from '../../verdict.ts'
import { podsOf } from '../pods.ts'
import type { Services } from '../services.ts'
import { missingBackend } from './missing-backend.ts'

const CHECK: Check = {
  id: 'route-backend-missing',
  title: 'A route leads to a Service or port that is not there',
  severity: 'medium',
  category: 'reliability',
  profiles: ['default'],
  aliases: {},
  references: ['https://gateway-api.sigs.k8s.io/guides/http-routing/'],
}

const GROUP = 'gateway.networking.k8s.io'
export const ROUTES: readonly string[] = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute']

interface Fault {
  readonly path: Path
  readonly says: string
  readonly isSure: boolean
}

/** A backend in another namespace counts only where a ReferenceGrant there lets the route refer to it. */
export const routeBackendMissing: Join = {
  check: CHECK,
  *verdicts(cluster) {
    const pods = podsOf(cluster)
    for (const object of ROUTES.flatMap((kind) => cluster.ofKind(kind, GROUP))) {
      const faults = list(at(object.body, 'spec', 'rules')).flatMap((rule, index) =>
        list(field(rule, 'backendRefs')).flatMap((backend, number) => {
          const path = ['spec', 'rules', index, 'backendRefs', number]
          return faultOf(cluster, pods.services, object, backend, path) ?? []
        }),
      )
      const hiding = faults.length > 0 ? hidingIn(cluster) : undefined
      const sure = hiding ? [] : faults.filter(({ isSure }) => isSure)
      const told = sure.length > 0 ? sure : faults
      if (told.length === 0) {
        yield passed(CHECK, object)
        continue
      }
      const text = `leads to ${namesText(told.map(({ says }) => says))}`
      const reasons = told.slice(0, 10).map(({ path, says }) => because(says, object, path))
      const paths = told.map(({ path }) => path)
      yield sure.length > 0
        ? failed(CHECK, object, text, reasons, ...paths)
        : undecided(
            CHECK,
            object,
            hiding ? `${text}; ${hiding.kind} ${hiding.name} may make it` : text,
            reasons,
            ...paths,
          )
    }
  },
}

function faultOf(
  cluster: Cluster,
  services: Services,
  route: KubeObject,
  backend: Json,
  path: Path,
): Fault | undefined {
  const service = string(field(backend, 'name'))
  const isService =
    (string(field(backend, 'kind')) ?? 'Service') === 'Service' && (string(field(backend, 'group')) ?? '') === ''
  if (service === undefined || !isService) return undefined
  const namespace = string(field(backend, 'namespace')) ?? route.namespace
  const missing = missingBackend(services, { namespace, service, port: field(backend, 'port'), path })
  if (missing !== undefined) return { path, says: missing, isSure: true }
  if (isGranted(cluster, route, namespace, service)) return undefined
  const says = `Service ${service} of namespace ${namespace}, for which the input holds no ReferenceGrant`
  return { path, says, isSure: cluster.wasListed(`ReferenceGrant.${GROUP}`) }
}
