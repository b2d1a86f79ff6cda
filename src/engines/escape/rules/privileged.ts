import { because } from '../../../cluster/because.ts'
import { type EscapeRule, isRoot, weaker, whileRunning } from '../step.ts'

export const privileged: EscapeRule = {
  kinds: [
    {
      kind: 'privileged',
      title: 'takes its node',
      from: 'workload',
      to: 'Node',
      chance: '1',
      precondition:
        '`securityContext.privileged: true` in any container; not in a user namespace, not in a sandboxed runtime. Unknown for a container that runs as another user than root',
      source: 'pkg/kubelet/kuberuntime/security_context.go',
    },
  ],
  *steps({ pod, shape, wall }) {
    if (wall) return
    for (const container of pod.containers) {
      if (!container.security.privileged) continue
      const root = isRoot(container)
      const truth = weaker(whileRunning(container), root === 'yes' ? 'yes' : 'unknown')
      yield {
        kind: 'privileged',
        target: 'node',
        truth,
        rule: container.name,
        because: [
          because(`container ${container.name} is privileged`, shape.object, [
            ...container.path,
            'securityContext',
            'privileged',
          ]),
        ],
      }
    }
  },
}

/** HostProcess containers of Windows run in the host's own job. */
export const windowsHostProcess: EscapeRule = {
  kinds: [
    {
      kind: 'windows-host-process',
      title: 'takes its node',
      from: 'workload',
      to: 'Node',
      chance: '1',
      precondition: '`windowsOptions.hostProcess: true`',
      source: 'KEP-1981',
    },
  ],
  *steps({ pod, shape }) {
    for (const container of pod.containers) {
      if (!container.security.hostProcess) continue
      yield {
        kind: 'windows-host-process',
        target: 'node',
        truth: whileRunning(container),
        rule: container.name,
        because: [
          because(`container ${container.name} is a HostProcess container`, shape.object, [
            ...container.path,
            'securityContext',
          ]),
        ],
      }
    }
  },
}

/** With /proc unmasked, root in the container sets kernel.core_pattern, which the node's kernel runs. */
export const procMount: EscapeRule = {
  kinds: [
    {
      kind: 'unmasked-proc',
      title: 'writes kernel settings through an unmasked /proc',
      from: 'workload',
      to: 'Node',
      chance: '1',
      precondition:
        '`procMount: Unmasked` outside a user namespace. Always unknown: newer API servers refuse it, older ones ignore it unless a feature gate is on',
      source: 'KEP-4265',
    },
  ],
  *steps({ pod, shape, wall }) {
    if (wall) return
    for (const container of pod.containers) {
      if (container.security.procMount !== 'Unmasked' || isRoot(container) === 'no') continue
      yield {
        kind: 'unmasked-proc',
        target: 'node',
        truth: 'unknown',
        rule: container.name,
        because: [
          because(`container ${container.name} has /proc unmasked`, shape.object, [
            ...container.path,
            'securityContext',
            'procMount',
          ]),
        ],
      }
    }
  },
}
