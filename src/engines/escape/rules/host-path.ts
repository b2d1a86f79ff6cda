import { type Because, because } from '../../../cluster/because.ts'
import { at, string } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Container, VolumeMount } from '../../../cluster/pod.ts'
import { CHANCE, type Edge } from '../../engine.ts'
import { claimedVolumes } from '../claimed.ts'
import { type HostPathHit, hitsOf } from '../host-paths.ts'
import { type EscapeRule, isRoot, type ShapeContext, type Step, type Target, weaker, whileRunning } from '../step.ts'

export const hostPath: EscapeRule = {
  kinds: [
    {
      kind: 'host-path-write',
      title: 'writes files that make it root on its node',
      from: 'workload',
      to: 'Node',
      chance: '1',
      precondition:
        'a writable mount of a path in the table of host paths (`/`, `/etc`, programs, cron, systemd, static pods, runtime state, …), directly or through a hostPath PersistentVolume, which Pod Security lets pass at every level (unknown where the claim is not bound yet, and may be to it); not as another user than root with privilege escalation off',
      source: 'kubernetes.io/docs/concepts/storage/volumes#hostpath',
    },
    {
      kind: 'runtime-socket',
      title: 'commands the container runtime of its node',
      from: 'workload',
      to: 'Node',
      chance: '1',
      precondition:
        'a mount of a runtime’s or systemd’s socket, or of a folder that holds it (`/`, `/run`): a read-only mount does not keep a process from connecting, and does not reach the mounts below. Unknown for another user than root with groups of its own (fsGroup, runAsGroup, supplementalGroups), of which one may own the socket',
      source: 'unix(7), mount(8)',
    },
    {
      kind: 'host-path-identity',
      title: 'reads its node’s credentials',
      from: 'workload',
      to: 'User system:node:…',
      chance: '1',
      precondition: 'a mount, read-only or not, of a path that holds the kubelet’s client certificate',
      source: 'kubernetes.io/docs/reference/access-authn-authz/node',
    },
    {
      kind: 'host-path-tokens',
      title: 'reads the tokens and Secrets of pods on its node',
      from: 'workload',
      to: 'ServiceAccount and Secret of pods there',
      chance: '1',
      precondition: 'a mount, read-only or not, of `/var/lib/kubelet/pods`, the runtime’s state, or a folder above',
      source: 'pkg/kubelet/kubelet_getters.go',
    },
    {
      kind: 'host-path-control-plane',
      title: 'reads keys of the control plane',
      from: 'workload',
      to: 'ControlPlane',
      chance: '1',
      precondition:
        'a mount, read-only or not, of `/etc/kubernetes`, etcd’s data or the like, on a node of the control plane; unknown where the pod only tolerates its taint',
      source: 'kubernetes.io/docs/setup/best-practices/certificates',
    },
    {
      kind: 'host-path-read',
      title: 'reads files of its node',
      from: 'workload',
      to: 'Node',
      chance: '0.02',
      precondition:
        'a mount of password hashes, home folders, `/proc` or `/dev` (block devices open only for a privileged container)',
      source: 'proc(5)',
    },
    {
      kind: 'var-log-link',
      title: 'reads any file of its node through a log that is a link',
      from: 'workload',
      to: 'User system:node:… and credentials of pods there',
      chance: '1',
      precondition: 'a writable mount of `/var/log`, and a service account that may `get` `pods/log`',
      source: 'kubernetes/kubernetes#92165',
    },
  ],
  *steps(context) {
    for (const mount of hostMounts(context)) {
      yield* stepsOf(mount, context)
      yield* logSteps(mount, context)
    }
  },
}

/** A path of the node behind a volume of the pod. */
interface HostVolume {
  readonly name: string
  readonly path: string
  readonly readOnly: boolean
  readonly truth: Edge['truth']
  readonly because: readonly Because[]
}

interface HostMount {
  readonly container: Container
  readonly path: string
  readonly writable: boolean
  readonly truth: Edge['truth']
  readonly because: readonly Because[]
}

function* hostMounts(context: ShapeContext): Generator<HostMount> {
  for (const volume of hostVolumes(context)) {
    for (const container of context.pod.containers) {
      for (const mount of container.mounts)
        if (mount.volume === volume.name) yield mounted(container, mount, volume, context.shape.object)
    }
  }
}

function* hostVolumes({ cluster, pod, shape, workload, isLive }: ShapeContext): Generator<HostVolume> {
  for (const { name, sources, path } of pod.volumes) {
    for (const source of sources) {
      if (source.kind === 'hostPath')
        yield {
          name,
          path: source.hostPath,
          readOnly: false,
          truth: 'yes',
          because: [because(`volume ${name} is ${source.hostPath} of the node`, shape.object, path)],
        }
    }
  }
  for (const { name, readOnly, bound, because: why } of claimedVolumes(cluster, workload, shape, isLive)) {
    const { volume, truth } = bound
    const path = string(at(volume.body, 'spec', 'hostPath', 'path')) ?? string(at(volume.body, 'spec', 'local', 'path'))
    if (path === undefined) continue
    const is = because(`PersistentVolume ${volume.name} is ${path} of the node`, volume, ['spec'])
    yield { name, path, readOnly, truth, because: [...why, bound.because, is] }
  }
}

function mounted(container: Container, mount: VolumeMount, volume: HostVolume, object: KubeObject): HostMount {
  const path = mount.subPath === undefined ? volume.path : `${volume.path}/${mount.subPath}`
  const writable = !mount.readOnly && !volume.readOnly
  const how = writable ? 'writable' : 'read-only'
  return {
    container,
    path,
    writable,
    truth: volume.truth,
    because: [...volume.because, because(`container ${container.name} mounts it ${how}`, object, mount.path)],
  }
}

const TARGETS: Readonly<
  Record<
    Exclude<HostPathHit['fact']['gives'], 'root-by-write' | 'root-by-socket'>,
    { readonly kind: string; readonly target: Target; readonly chance: number }
  >
> = {
  'node-identity': { kind: 'host-path-identity', target: 'node-identity', chance: CHANCE.control },
  'pod-credentials': { kind: 'host-path-tokens', target: 'pod-credentials', chance: CHANCE.control },
  'control-plane': { kind: 'host-path-control-plane', target: 'control-plane', chance: CHANCE.control },
  files: { kind: 'host-path-read', target: 'node', chance: CHANCE.unserved },
}

/** One step for each thing that the mount gives, with the first path of the table that says so. */
function* stepsOf(mount: HostMount, { wall }: ShapeContext): Generator<Step> {
  const root = isRoot(mount.container)
  const { groups } = mount.container.security
  const told = new Set<string>()
  for (const hit of hitsOf(mount.path)) {
    // Runtimes leave their sockets to a group (docker's to `docker`), which the pod may have given itself.
    const mayOpen = root !== 'no' || (hit.fact.gives === 'root-by-socket' && groups.length > 0)
    if (!mayOpen) continue
    const step = stepOf(hit, mount, root === 'no' ? 'unknown' : root, wall)
    if (!step || told.has(`${step.kind} ${step.target}`)) continue
    told.add(`${step.kind} ${step.target}`)
    yield step
  }
}

function stepOf(
  { fact, above }: HostPathHit,
  mount: HostMount,
  root: Edge['truth'],
  wall: ShapeContext['wall'],
): Step | undefined {
  const isSocket = fact.gives === 'root-by-socket'
  // A socket of the node is no socket to a kernel of another machine.
  if (isSocket && wall?.kind === 'sandbox') return undefined
  if (fact.gives === 'root-by-write' && !mount.writable) return undefined
  // Through an id-mapped mount, or a sandbox's file server, root in the pod may still be root to the files.
  const truth = weaker(root, mount.truth, whileRunning(mount.container), wall || fact.unsure ? 'unknown' : 'yes')
  const why = [
    ...mount.because,
    because(above ? `below it is ${fact.path}: ${fact.why}` : fact.why),
    ...(wall?.because ?? []),
  ]
  const rule = `${mount.container.name} ${mount.path}`
  if (isSocket || fact.gives === 'root-by-write')
    return { kind: isSocket ? 'runtime-socket' : 'host-path-write', target: 'node', truth, rule, because: why }
  const { kind, target, chance } = TARGETS[fact.gives as keyof typeof TARGETS]
  return { kind, target, chance, truth, rule, because: why }
}

function* logSteps(mount: HostMount, { known, workload, shape, pod }: ShapeContext): Generator<Step> {
  if (!mount.writable || isRoot(mount.container) === 'no' || !/^\/var\/log(\/(pods|containers))?\/?$/.test(mount.path))
    return
  const allowed = known.authorizes({
    serviceAccount: pod.serviceAccountName,
    namespace: workload.namespace,
    verb: 'get',
    group: '',
    resource: 'pods',
    subresource: 'log',
  })
  const token = known.mountsToken(workload, shape)
  if (allowed.truth !== 'yes' || token.truth === 'no') return
  const reached = known.reachesApiServer(workload)
  if (reached.truth === 'no') return
  const why = [...mount.because, ...allowed.because, ...token.because, ...reached.because]
  for (const target of ['node-identity', 'pod-credentials'] as const)
    yield {
      kind: 'var-log-link',
      target,
      truth: weaker(mount.truth, token.truth, reached.truth, whileRunning(mount.container)),
      rule: `${mount.container.name} ${mount.path}`,
      because: why,
    }
}
