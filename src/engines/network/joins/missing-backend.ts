import { type Reference, targetsOf } from '../exposure/references.ts'
import type { Services } from '../services.ts'

/** What of a reference to a Service is not in the input, in words; undefined where all of it is. */
export function missingBackend(services: Services, reference: Reference): string | undefined {
  const { namespace, service: name, port } = reference
  const service = services.get(namespace, name)
  if (!service) return `Service ${name}, which is not in namespace ${namespace}`
  // The name that it stands for decides the ports.
  if (service.type === 'ExternalName') return undefined
  const hasPort = targetsOf(services, reference).some(({ ports }) => ports.length > 0)
  if (hasPort || port === undefined || port === null) return undefined
  return `port ${String(port)} of Service ${name}, which has none such`
}
