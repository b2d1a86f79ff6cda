import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at } from '../../../cluster/json.ts'
import type { Truth } from '../../../cluster/labels.ts'
import { parseYaml } from '../../../cluster/yaml.ts'

const FILE = 'envoy-gateway.yaml'
const NAME = 'envoy-gateway-config'

/**
 * Whether Envoy Gateway was given a rate limit service, without which it refuses policies with global rules:
 * `rateLimit.backend` of the configuration that its chart writes.
 */
export function rateLimitService(cluster: Cluster): { readonly truth: Truth; readonly because: readonly Because[] } {
  const known = done.get(cluster)
  if (known) return known
  const answer = find(cluster)
  done.set(cluster, answer)
  return answer
}

type Answer = ReturnType<typeof rateLimitService>

const done = new WeakMap<Cluster, Answer>()

function find(cluster: Cluster): Answer {
  for (const object of cluster.ofKind('ConfigMap')) {
    const text = object.name === NAME ? at(object.body, 'data', FILE) : undefined
    if (typeof text !== 'string') continue
    const parsed = parseYaml(text)
    if (parsed.problem) continue
    const isSet = at(parsed.value, 'rateLimit', 'backend') !== undefined
    const says = isSet ? 'names a backend of the rate limit service' : 'sets up no rate limit service'
    return { truth: isSet ? 'yes' : 'no', because: [because(says, object, ['data', FILE])] }
  }
  return { truth: 'unknown', because: [] }
}
