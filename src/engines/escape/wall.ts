import { because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { at, string } from '../../cluster/json.ts'
import { idOf } from '../../cluster/object.ts'
import type { Shape } from '../../cluster/workload.ts'
import type { Wall } from './step.ts'

/** UserNamespacesSupport is on by default from 1.33 (KEP-127); before, the API server drops `hostUsers`. */
const USER_NAMESPACES_SINCE = 33

/** Handlers whose containers run on a kernel of their own (gVisor, Kata Containers and their kin). */
const SANDBOX = /^(gvisor|runsc|kata|firecracker|urunc|edera|hyperlight|peerpods|sandbox)/i

/** What stands between the pod and the kernel of its node. */
export function wallOf(cluster: Cluster, { pod, object }: Shape): Wall {
  if (!pod.hostUsers && cluster.version.minor >= USER_NAMESPACES_SINCE) {
    return {
      kind: 'user-namespace',
      because: [because('its root is nobody on the node (user namespace)', object, [...pod.path, 'hostUsers'])],
    }
  }
  const name = pod.runtimeClassName
  if (name === undefined) return undefined
  const runtimeClass = cluster
    .ofKind('RuntimeClass', 'node.k8s.io')
    .find((each) => each.id === idOf('RuntimeClass', '', name))
  const handler = runtimeClass ? (string(at(runtimeClass.body, 'handler')) ?? '') : name
  if (!SANDBOX.test(handler)) return undefined
  const path = [...pod.path, 'runtimeClassName']
  const why = runtimeClass
    ? [
        because(`runtime class ${name}`, object, path),
        because(`handler ${handler} runs a kernel of its own`, runtimeClass, ['handler']),
      ]
    : [because(`runtime class ${name} is a sandbox, going by its name`, object, path)]
  return { kind: 'sandbox', because: why }
}
