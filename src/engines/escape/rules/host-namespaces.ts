import { because } from '../../../cluster/because.ts'
import { CHANCE } from '../../engine.ts'
import { type EscapeRule, isRoot } from '../step.ts'

/** Sharing a namespace of the node is a lesser step: it controls nothing without an exploit. */
export const hostNamespaces: EscapeRule = {
  kinds: [
    {
      kind: 'host-pid',
      title: 'sees the processes of its node',
      from: 'workload',
      to: 'Node',
      chance: '0.1',
      precondition: '`hostPID: true`: reads the environment of like processes, sends them signals',
      source: 'ptrace(2)',
    },
    {
      kind: 'host-network',
      title: 'is in the network of its node',
      from: 'workload',
      to: 'Node',
      chance: '0.1',
      precondition:
        '`hostNetwork: true`: loopback services, the kubelet, the cloud’s metadata service, past every NetworkPolicy',
      source: 'KEP-753',
    },
    {
      kind: 'host-ipc',
      title: 'shares memory segments of its node',
      from: 'workload',
      to: 'Node',
      chance: '0.02',
      precondition: '`hostIPC: true`',
      source: 'ipc_namespaces(7)',
    },
  ],
  *steps({ pod, shape, wall }) {
    if (wall) return
    const step = (kind: string, key: string, chance: number, why: string) => ({
      kind,
      target: 'node' as const,
      chance,
      rule: '',
      because: [because(why, shape.object, [...pod.path, key])],
    })
    if (pod.hostPID && pod.containers.some((container) => isRoot(container) !== 'no'))
      yield step('host-pid', 'hostPID', CHANCE.served, 'shares the process namespace of its node')
    if (pod.hostNetwork)
      yield step('host-network', 'hostNetwork', CHANCE.served, 'is in the network namespace of its node')
    if (pod.hostIPC) yield step('host-ipc', 'hostIPC', CHANCE.unserved, 'shares the IPC namespace of its node')
  },
}
