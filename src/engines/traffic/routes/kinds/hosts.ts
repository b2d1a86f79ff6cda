import { at, string } from '../../../../cluster/json.ts'
import type { Draft } from '../draft.ts'
import { type RouteInput, whole } from './kind.ts'

/** Ports of pods that are ports of their nodes: hostPort, and what a pod on its node's network says that it listens on. */
export function* hostRoutes({ cluster, known }: RouteInput): Iterable<Draft> {
  const opened = new Set(
    known.exposures().flatMap(({ kind, workload }) => (kind.startsWith('exposed-host-') ? [workload] : [])),
  )
  for (const id of opened) {
    const workload = cluster.workload(id)
    if (!workload) continue
    const seen = new Set<string>()
    for (const { pod, object } of workload.specs)
      for (const container of pod.containers) {
        if (container.role === 'init' || container.role === 'ephemeral') continue
        for (const { port, protocol, hostPort, path } of container.ports) {
          const number = hostPort ?? (pod.hostNetwork ? port : undefined)
          const address = string(at(object.body, ...path, 'hostIP')) ?? ''
          const only = `:${number} (${pod.hostNetwork ? 'host network' : 'host port'})`
          if (number === undefined || address.startsWith('127.') || address === '::1' || seen.has(only)) continue
          seen.add(only)
          yield {
            object: workload.object ?? object,
            host: '',
            path: '',
            only,
            protocol: protocol === 'UDP' ? 'udp' : 'tcp',
            backends: [],
            workloads: [id],
            controller: undefined,
            faces: 'unknown',
            places: whole(workload.object ?? object),
            parents: [],
            rule: path,
            because: [],
          } satisfies Draft
        }
      }
  }
}
