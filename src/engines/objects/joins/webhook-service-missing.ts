import { at, field, list } from '../../../cluster/json.ts'
import { idOf } from '../../../cluster/object.ts'
import { webhookJoin } from './webhook-join.ts'

/** A webhook that nobody answers refuses what it matches, or, where it fails open, guards nothing. */
export const webhookServiceMissing = webhookJoin(
  {
    id: 'webhook-service-missing',
    title: 'A webhook calls a Service that is not there',
    severity: 'medium',
    category: 'security',
    profiles: ['default'],
    aliases: {},
    references: [
      'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference',
    ],
  },
  ({ service, failsOpen }, cluster) => {
    if (!service) return undefined
    const { namespace, name, port } = service
    const object = cluster.get(idOf('Service', namespace, name))
    const path = ['clientConfig', 'service']
    const effect = failsOpen ? 'so it guards nothing' : 'so what it matches is refused'
    if (!object) {
      const isSure =
        cluster.wasListed('Service') || cluster.ofKind('Service').some((each) => each.namespace === namespace)
      const missing = `calls Service ${namespace}/${name}, which is not in the input`
      return { says: isSure ? `${missing}, ${effect}` : missing, path, isSure }
    }
    const ports = list(at(object.body, 'spec', 'ports'))
    if (ports.length === 0 || ports.some((each) => field(each, 'port') === port)) return undefined
    return {
      says: `calls port ${port} of Service ${namespace}/${name}, which has none such, ${effect}`,
      path,
      isSure: true,
    }
  },
)
