import { at } from '../../cluster/json.ts'
import type { Door } from '../../engines/traffic/front/doors.ts'
import type { Front } from '../../engines/traffic/front/front.ts'
import { providerFacts } from '../../engines/traffic/front/provider.ts'

/** What a person should do about one host, shortest first; empty where nothing is to be done. */
export function todoOf(front: Front): readonly string[] {
  const { state, around, doors, providers, evidence } = front
  const who = providers.map(({ provider }) => providerFacts(provider).title).join(', ')
  const isTunnel = evidence.some(({ by }) => by === 'tunnel')
  switch (state) {
    case 'open':
    case 'unknown': {
      const todo = [...new Set(around.map((door) => closing(door, isTunnel, who, front)))]
      if (todo.length > 0) return todo
      const kept = doors.flatMap(({ lets }) => (lets.who === 'unknown' ? [lets.why] : []))
      return kept.length > 0 ? [`see who ${kept[0]} lets in`] : ['name the load balancer’s objects too']
    }
    case 'shared-provider':
      return [`let in your own zone of ${who} only: a client certificate, a secret header, or a tunnel`]
    case 'none':
      return []
    case 'attached':
      return []
    case 'locked':
      return evidence.length > 0 && !isTunnel && providers.some(({ provider }) => provider === 'cloudflare')
        ? ['see that the authority is your own: that of Cloudflare’s shared certificate lets its other customers in']
        : []
    default:
      return state satisfies never
  }
}

function closing({ kind, object, lets, leadsTo }: Door, isTunnel: boolean, who: string, front: Front): string {
  const { name } = object
  const isFirst = leadsTo === 'controller' || front.routes.some((route) => route.object.id === object.id)
  switch (kind) {
    case 'load-balancer':
      if (lets.who === 'unknown') return `see that ${lets.why} is ${who} only`
      return isTunnel || !isFirst ? `make ${name} a ClusterIP` : `only ${who} into ${name}`
    case 'node-port':
      return at(object.body, 'spec', 'type') === 'NodePort' && (isTunnel || !isFirst)
        ? `make ${name} a ClusterIP`
        : `firewall the nodes’ ports of ${name}`
    case 'external-ip':
      return `take externalIPs from ${name}`
    case 'host-port':
      return `firewall the nodes’ ports of ${name}`
    case 'cloud-load-balancer':
      return lets.who === 'unknown' ? `see that ${lets.why} is ${who} only` : `only ${who} into ${name}`
    default:
      return kind satisfies never
  }
}
