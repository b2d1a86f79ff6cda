import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, string } from '../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import type { Container, VolumeMount } from '../../../cluster/pod.ts'
import { CHANCE, type Edge } from '../../engine.ts'
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
        'a writable mount of a path in the table of host paths (`/`, `/etc`, programs, cron, systemd, static pods, runtime state, …), directly or through a hostPath PersistentVolume',
      source: 'kubernetes.io/docs/concepts/storage/volumes#hostpath',
    },
    {
      kind: 'runtime-socket',
      title: 'commands the container runtime of its node',
      from: 'workload',
      to: 'Node',
      chance: '1',
      precondition:
        'a mount of a runtime’s or systemd’s socket, or of a folder that holds it (`/`, `/run`): a read-only mount does not keep a process from connecting, and does not reach the mounts below',
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

interface HostMount {
  readonly container: Container
  readonly path: string
  readonly writable: boolean
  readonly because: readonly Because[]
}

function* hostMounts({ cluster, pod, shape, workload }: ShapeContext): Generator<HostMount> {
  for (const volume of pod.volumes) {
    for (const source of volume.sources) {
      const host =
        source.kind === 'hostPath'
          ? {
              path: source.hostPath,
              why: [because(`volume ${volume.name} is ${source.hostPath} of the node`, shape.object, volume.path)],
            }
          : undefined
      const claimed = source.kind === 'claim' ? hostPathOfClaim(cluster, workload.namespace, source.name) : undefined
      const found =
        host ??
        (claimed && {
          path: claimed.path,
          why: [
            because(`volume ${volume.name} is claim ${(source as { name: string }).name}`, shape.object, volume.path),
            claimed.why,
          ],
        })
      if (!found) continue
      for (const container of pod.containers) {
        for (const mount of container.mounts)
          if (mount.volume === volume.name) yield mounted(container, mount, found, shape.object)
      }
    }
  }
}

function mounted(
  container: Container,
  mount: VolumeMount,
  host: { path: string; why: readonly Because[] },
  object: KubeObject,
): HostMount {
  const path = mount.subPath === undefined ? host.path : `${host.path}/${mount.subPath}`
  const how = mount.readOnly ? 'read-only' : 'writable'
  return {
    container,
    path,
    writable: !mount.readOnly,
    because: [...host.why, because(`container ${container.name} mounts it ${how}`, object, mount.path)],
  }
}

/** A PersistentVolume of the node's own file system, behind a claim that is bound to it. */
function hostPathOfClaim(
  cluster: Cluster,
  namespace: string,
  claim: string,
): { path: string; why: Because } | undefined {
  const bound = string(at(cluster.get(idOf('PersistentVolumeClaim', namespace, claim))?.body, 'spec', 'volumeName'))
  for (const volume of cluster.ofKind('PersistentVolume')) {
    const reference = at(volume.body, 'spec', 'claimRef')
    const isBound =
      volume.name === bound ||
      (string(at(reference, 'name')) === claim && string(at(reference, 'namespace')) === namespace)
    const path = string(at(volume.body, 'spec', 'hostPath', 'path')) ?? string(at(volume.body, 'spec', 'local', 'path'))
    if (isBound && path !== undefined)
      return {
        path,
        why: because(`it is bound to PersistentVolume ${volume.name}, which is ${path} of the node`, volume, ['spec']),
      }
  }
  return undefined
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
  if (root === 'no') return
  const told = new Set<string>()
  for (const hit of hitsOf(mount.path)) {
    const step = stepOf(hit, mount, root, wall)
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
  const truth = weaker(root, whileRunning(mount.container), wall || fact.unsure ? 'unknown' : 'yes')
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

function* logSteps(mount: HostMount, { known, workload, pod }: ShapeContext): Generator<Step> {
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
  if (allowed.truth !== 'yes') return
  const why = [...mount.because, ...allowed.because]
  for (const target of ['node-identity', 'pod-credentials'] as const)
    yield {
      kind: 'var-log-link',
      target,
      truth: weaker(whileRunning(mount.container)),
      rule: `${mount.container.name} ${mount.path}`,
      because: why,
    }
}
