import type { Edge } from '../../engines/engine.ts'
import type { Proposer } from '../fix.ts'
import { HOST_IPC, HOST_NETWORK, HOST_PID, HOST_PORTS, type Part } from './parts.ts'
import { surveyOf } from './survey.ts'
import { templateOf } from './template.ts'
import { byId, runWithout, withoutParts } from './without.ts'

interface HostNamespace {
  readonly stem: string
  readonly part: Part
  readonly isUsed: (step: Edge) => boolean
}

const isCapability = ({ kind, rule }: Edge, ...names: readonly string[]): boolean =>
  (kind === 'capability' || kind === 'node-outage') && names.some((name) => rule.endsWith(` ${name}`))

/** The namespaces of a node, and the steps that each is needed for. */
export const HOST_NAMESPACES: readonly HostNamespace[] = [
  {
    stem: 'host-pid-off',
    part: HOST_PID,
    isUsed: (step) => step.kind === 'host-pid' || isCapability(step, 'SYS_PTRACE', 'SYS_BOOT'),
  },
  { stem: 'host-ipc-off', part: HOST_IPC, isUsed: ({ kind }) => kind === 'host-ipc' },
  {
    stem: 'host-network-off',
    part: HOST_NETWORK,
    isUsed: (step) => step.kind === 'host-network' || isCapability(step, 'NET_ADMIN', 'NET_RAW'),
  },
]

/** A workload leaves one namespace of its node, or gives up its ports there: one fix each. */
export const hostAccessOff: Proposer = {
  kind: 'host-access-off',
  propose(context) {
    const { escaping, withHostPort } = surveyOf(context)
    return byId([
      ...[...escaping].flatMap(([workload, steps]) => {
        const template = templateOf(workload)
        if (!template) return []
        // pkg/apis/core/validation: a HostProcess container must be on its node's network.
        const mayLeave = (part: Part): boolean =>
          part !== HOST_NETWORK ||
          !template.pods.some((pod) => pod.containers.some(({ security }) => security.hostProcess))
        const used = HOST_NAMESPACES.filter(({ part, isUsed }) => mayLeave(part) && steps.some(isUsed))
        return used.flatMap(({ stem, part }) =>
          withoutParts(context, template, [part], {
            kind: 'host-access-off',
            stem,
            title: runWithout(workload, [part]),
            // That a pod is past every NetworkPolicy is told of its node's network, not of the field.
            ...(part === HOST_NETWORK ? { around: [workload.id] } : {}),
          }),
        )
      }),
      ...[...withHostPort].flatMap((workload) => {
        const template = templateOf(workload)
        if (!template) return []
        return withoutParts(context, template, [HOST_PORTS], {
          kind: 'host-access-off',
          stem: 'host-port-off',
          title: runWithout(workload, [HOST_PORTS]),
        })
      }),
    ])
  },
}
