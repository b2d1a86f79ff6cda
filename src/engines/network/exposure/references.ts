import { at, type Json, type Path, string } from '../../../cluster/json.ts'
import { isPortNumber } from '../policy-port.ts'
import type { Service, ServicePort, Services } from '../services.ts'

/** A reference from a rule of a proxy to a Service. */
export interface Reference {
  readonly namespace: string
  readonly service: string
  /** Number or name of a port of the Service; undefined means all. */
  readonly port: Json | undefined
  /** The ports that the number stands for are those of the pods (OpenShift routes). */
  readonly byTarget?: boolean
  readonly path: Path
}

/** A Service that a reference leads to, with the ports that it means. */
export interface Target {
  readonly service: Service
  readonly ports: readonly ServicePort[]
  /** The Service of type ExternalName that is named in its place. */
  readonly alias: Service | undefined
}

/** Names that stand for names that stand for names: more of them is no one's intent. */
const MOST_ALIASES = 4

export function targetsOf(services: Services, reference: Reference, most = MOST_ALIASES): readonly Target[] {
  const service = services.get(reference.namespace, reference.service)
  if (!service) return []
  const ports = service.ports.filter((each) => means(reference, each))
  if (service.type !== 'ExternalName') return [{ service, ports, alias: undefined }]
  const named = serviceNamed(string(at(service.object.body, 'spec', 'externalName')) ?? '')
  // OpenShift's router asks for endpoints, of which an ExternalName has none.
  if (!named || reference.byTarget || most === 0) return []
  return portsBehind(service, ports, reference)
    .flatMap((port) => targetsOf(services, { ...named, port, path: reference.path }, most - 1))
    .map((target) => ({ ...target, alias: service }))
}

/** The DNS name of a Service, whatever the domain of the cluster. */
function serviceNamed(name: string): Pick<Reference, 'namespace' | 'service'> | undefined {
  const [service = '', namespace = '', svc, ...domain] = name.split('.')
  return svc === 'svc' && domain.length > 0 ? { namespace, service } : undefined
}

/** The port that is asked for at the name: nothing says that the Service that has it lists the port. */
function portsBehind(
  alias: Service,
  meant: readonly ServicePort[],
  { port }: Reference,
): readonly (number | undefined)[] {
  if (meant.length > 0) return meant.map((each) => (typeof each.target === 'number' ? each.target : each.port))
  if (isPortNumber(port)) return [port]
  return isAnyPort(port) && alias.ports.length === 0 ? [undefined] : []
}

function isAnyPort(port: Json | undefined): boolean {
  return port === undefined || port === null || port === 0
}

function means({ port, byTarget }: Reference, servicePort: ServicePort): boolean {
  if (isAnyPort(port)) return true
  if (port === servicePort.name) return true
  return byTarget ? port === servicePort.target : port === servicePort.port || port === String(servicePort.port)
}
