import { because } from '../../../cluster/because.ts'
import type { Container, PodSpec } from '../../../cluster/pod.ts'
import { CHANCE, type Edge } from '../../engine.ts'
import { type EscapeRule, isRoot, type Step, weaker, whileRunning } from '../step.ts'

/**
 * Capabilities that runtimes do not give by default and that reach the node's kernel (capabilities(7)). MKNOD, NET_RAW,
 * SYS_CHROOT and the others of the default set are no step by themselves.
 */
interface Reach {
  readonly target: Step['target']
  readonly truth: Edge['truth']
  readonly chance?: number
  readonly why: string
  readonly when?: (pod: PodSpec, added: ReadonlySet<string>) => boolean
}

const BOTH_TRACING = (_: PodSpec, added: ReadonlySet<string>): boolean => added.has('BPF') && added.has('PERFMON')

const REACH: Readonly<Record<string, readonly Reach[]>> = {
  ALL: [{ target: 'node', truth: 'yes', why: 'every capability' }],
  SYS_ADMIN: [{ target: 'node', truth: 'yes', why: 'mounts, cgroups and BPF of the node’s kernel' }],
  SYS_MODULE: [{ target: 'node', truth: 'yes', why: 'loads a module into the node’s kernel' }],
  DAC_READ_SEARCH: [{ target: 'node', truth: 'yes', why: 'opens files of the node by handle' }],
  SYS_RAWIO: [
    { target: 'node', truth: 'unknown', why: 'raw input and output; what it reaches depends on the devices' },
  ],
  SYS_PTRACE: [{ target: 'node', truth: 'yes', why: 'traces processes of the node', when: (pod) => pod.hostPID }],
  BPF: [
    { target: 'node', truth: 'yes', why: 'loads tracing programs into the node’s kernel', when: BOTH_TRACING },
    {
      target: 'node',
      truth: 'unknown',
      why: 'loads programs into the node’s kernel',
      when: (pod, added) => !BOTH_TRACING(pod, added),
    },
  ],
  PERFMON: [
    {
      target: 'node',
      truth: 'unknown',
      why: 'reads kernel memory through tracing',
      when: (_, added) => !added.has('BPF'),
    },
  ],
  NET_ADMIN: [
    {
      target: 'node',
      truth: 'yes',
      chance: CHANCE.served,
      why: 'redirects the traffic of its node',
      when: (pod) => pod.hostNetwork,
    },
  ],
  NET_RAW: [
    {
      target: 'node',
      truth: 'yes',
      chance: CHANCE.unserved,
      why: 'reads and forges packets on its node',
      when: (pod) => pod.hostNetwork,
    },
  ],
  SYS_TIME: [{ target: 'outage', truth: 'yes', why: 'sets the clock of its node' }],
  SYS_BOOT: [{ target: 'outage', truth: 'yes', why: 'reboots its node', when: (pod) => pod.hostPID }],
}

export const capabilities: EscapeRule = {
  kinds: [
    {
      kind: 'capability',
      title: 'reaches its node by an added capability',
      from: 'workload',
      to: 'Node',
      chance: '1; 0.1 for NET_ADMIN and 0.02 for NET_RAW with hostNetwork',
      precondition:
        'added, and not dropped by its own name (the runtime drops after it adds; `drop: [ALL]` takes only what ALL gave): ALL, SYS_ADMIN, SYS_MODULE, DAC_READ_SEARCH, SYS_PTRACE with hostPID, BPF with PERFMON; unknown for SYS_RAWIO, BPF or PERFMON alone, and for a container that is not root. Capabilities of the runtime’s default set are no step. Not in a user namespace or a sandbox, not with privilege escalation off and a user other than root',
      source: 'capabilities(7)',
    },
    {
      kind: 'node-outage',
      title: 'stops what runs on its node',
      from: 'workload',
      to: 'Application',
      chance: '1',
      precondition: 'added: SYS_TIME, or SYS_BOOT with hostPID',
      source: 'capabilities(7)',
    },
  ],
  *steps({ pod, shape, wall }) {
    if (wall) return
    for (const container of pod.containers) {
      // A privileged container has them all already.
      if (container.security.privileged) continue
      const root = isRoot(container)
      if (root === 'no') continue
      for (const [name, reach] of reaches(container, pod)) {
        const path = [...container.path, 'securityContext', 'capabilities', 'add']
        yield {
          kind: reach.target === 'outage' ? 'node-outage' : 'capability',
          target: reach.target,
          chance: reach.chance ?? CHANCE.control,
          truth: weaker(reach.truth, root, whileRunning(container)),
          rule: `${container.name} ${name}`,
          because: [because(`container ${container.name} adds ${name}: ${reach.why}`, shape.object, path)],
        }
      }
    }
  },
}

/** What the runtime adds: ALL before the rest, then `drop` by name (containerd WithCapabilities, CRI-O alike). */
function addedTo({ security }: Container): ReadonlySet<string> {
  const { added, dropped } = security
  const everything = added.includes('ALL') && !dropped.includes('ALL')
  const byName = dropped.filter((each) => each !== 'ALL')
  if (everything && byName.length === 0) return new Set(['ALL'])
  const names = [...(everything ? Object.keys(REACH) : []), ...added]
  return new Set(names.filter((each) => each !== 'ALL' && !byName.includes(each)))
}

function* reaches(container: Container, pod: PodSpec): Generator<[string, Reach]> {
  const added = addedTo(container)
  for (const name of added) {
    for (const reach of Object.hasOwn(REACH, name) ? (REACH[name] as readonly Reach[]) : [])
      if (!reach.when || reach.when(pod, added)) yield [name, reach]
  }
}
