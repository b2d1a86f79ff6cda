import type { Edit } from '../../cluster/edit/change.ts'
import { at, formatPath, type Json, list, type Path, string } from '../../cluster/json.ts'
import type { Container, VolumeMount } from '../../cluster/pod.ts'
import type { Edge } from '../../engines/engine.ts'
import type { Shown, Template } from './template.ts'

/**
 * One thing that a template is given over a plain container, and its removal. Parts touch different lists, so that the
 * edits of several may follow one another in any order.
 */
export interface Part {
  /** As in `Run shop/frontend without …`. */
  readonly what: string
  /** The same in few words, where those are many. */
  readonly short?: string
  /** What a process that needs it would be doing. */
  readonly note: string
  readonly edits: (shown: Shown) => readonly Edit[]
}

const remove = (...path: Path): Edit => ({ op: 'remove', path })

/** `privileged` of containers, and HostProcess of Windows, which is its like. */
export const PRIVILEGED: Part = {
  what: 'privileged mode',
  note: 'Nothing in it may load kernel modules, mount file systems or open devices of the node; a capability or a device plugin may be all it needs.',
  edits: ({ object, pod, containers }) => {
    const hostProcess = [...containers.map(({ path }) => path), pod.path].map((path) => [
      ...path,
      'securityContext',
      'windowsOptions',
      'hostProcess',
    ])
    return [
      ...containers
        .filter(({ security }) => security.privileged)
        .map(({ path }) => remove(...path, 'securityContext', 'privileged')),
      ...hostProcess.filter((path) => at(object.body, ...path) === true).map((path) => remove(...path)),
    ]
  },
}

export const PROC_MOUNT: Part = {
  what: 'an unmasked /proc',
  note: 'Nothing in it may make containers of its own, which is what an unmasked /proc is for.',
  edits: ({ containers }) =>
    containers
      .filter(({ security }) => security.procMount === 'Unmasked')
      .map(({ path }) => remove(...path, 'securityContext', 'procMount')),
}

function hostNamespace(key: 'hostPID' | 'hostIPC' | 'hostNetwork', note: string): Part {
  return {
    what: key,
    note,
    edits: (shown) =>
      shown.pod[key] && shown.template.pods.some((pod) => pod[key])
        ? [remove(...shown.pod.path, key), ...(key === 'hostNetwork' ? HOST_PORTS.edits(shown) : [])]
        : [],
  }
}

export const HOST_PORTS: Part = {
  what: 'hostPort',
  note: 'Whoever connects to the address of a node must connect to a Service instead.',
  edits: ({ containers }) =>
    containers.flatMap(({ ports }) =>
      ports.filter(({ hostPort }) => hostPort !== undefined).map(({ path }) => remove(...path, 'hostPort')),
    ),
}

export const HOST_PID = hostNamespace('hostPID', 'Nothing in it may watch, trace or signal processes of the node.')
export const HOST_IPC = hostNamespace('hostIPC', 'Nothing in it may share memory with processes of the node.')
/** The API server fills in `hostPort` for each port of a pod on its node's network: those go with it. */
export const HOST_NETWORK = hostNamespace(
  'hostNetwork',
  'It gets an address of its own: nobody may reach it at the address of its node, and it may not need the node’s interfaces or loopback. NetworkPolicies apply to it from then on.',
)

/** Steps that go through a mount of the node's files. The rule of each is `container /path`. */
export const HOST_PATH_STEPS: ReadonlySet<string> = new Set([
  'host-path-write',
  'runtime-socket',
  'host-path-identity',
  'host-path-tokens',
  'host-path-control-plane',
  'host-path-read',
  'var-log-link',
])

/** Reading credentials and commanding a socket go on through a read-only mount: mount(8), unix(7). */
const WRITE_STEPS: ReadonlySet<string> = new Set(['host-path-write', 'var-log-link'])

/** Whether one of these steps goes through a mount of a path of the node. */
function isTaken(steps: readonly Edge[], kinds: ReadonlySet<string>) {
  const rules = new Set(steps.flatMap(({ kind, rule }) => (kinds.has(kind) ? [rule] : [])))
  return (hostPath: string, { name }: Container, { subPath }: VolumeMount): boolean =>
    rules.has(`${name} ${subPath === undefined ? hostPath : `${hostPath}/${subPath}`}`)
}

/** The paths of the node through which steps go, by the name of the volume of the template. */
export function hostPathsOf({ pods }: Template, steps: readonly Edge[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const taken = isTaken(steps, HOST_PATH_STEPS)
  for (const { containers, volumes } of pods)
    for (const { name, sources } of volumes)
      for (const source of sources) {
        if (source.kind !== 'hostPath') continue
        const { hostPath } = source
        if (
          containers.some((each) => each.mounts.some((mount) => mount.volume === name && taken(hostPath, each, mount)))
        )
          found.set(name, hostPath)
      }
  return found
}

const MOST_PATHS = 3

/** Volumes of these names, and every mount of them. */
export function hostPaths(volumes: ReadonlyMap<string, string>): Part {
  const paths = [...new Set(volumes.values())].sort()
  const rest = paths.length - MOST_PATHS
  const what = `${paths.slice(0, MOST_PATHS).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  return {
    what: `the node’s ${what}`,
    ...(paths.length > 1 ? { short: `${paths.length} paths of the node` } : {}),
    note: `Nothing in it may need ${what} of the node: what it writes there belongs on a volume of its own.`,
    edits: (shown) => {
      const going = new Set(
        shown.volumes
          .filter(({ name, sources }) => volumes.has(name) && sources.some((source) => source.kind === 'hostPath'))
          .map(({ name }) => name),
      )
      const mounts = shown.pod.containers.flatMap((each) => each.mounts.filter(({ volume }) => going.has(volume)))
      return removals(shown, [...mounts, ...shown.volumes.filter(({ name }) => going.has(name))])
    },
  }
}

/** Removes items of lists: the last of each goes first, so that the others keep their places, and a list that all leave. */
export function removals({ object }: Shown, items: readonly { readonly path: Path }[]): readonly Edit[] {
  const byList = Map.groupBy(items, ({ path }) => formatPath(path.slice(0, -1)))
  return [...byList.values()].flatMap((own) => {
    const whole = (own[0] as { path: Path }).path.slice(0, -1)
    return list(at(object.body, ...whole)).length === own.length
      ? [remove(...whole)]
      : own.map(({ path }) => remove(...path)).reverse()
  })
}

/** Mounts through which files of the node can be changed, made read-only. */
export function readOnlyMounts(steps: readonly Edge[]): Part {
  const taken = isTaken(steps, WRITE_STEPS)
  return {
    what: 'writing files of its node',
    note: 'It may go on reading them, but nothing in it may write there. File systems that are mounted below stay writable unless `recursiveReadOnly` is set.',
    edits: ({ volumes, containers }) =>
      volumes.flatMap(({ name, sources }) =>
        sources.flatMap((source) =>
          source.kind === 'hostPath'
            ? containers.flatMap((container) =>
                container.mounts
                  .filter(
                    (mount) => mount.volume === name && !mount.readOnly && taken(source.hostPath, container, mount),
                  )
                  .map((mount): Edit => ({ op: 'set', path: [...mount.path, 'readOnly'], value: true })),
              )
            : [],
        ),
      ),
  }
}

const CAPABILITY_STEPS: ReadonlySet<string> = new Set(['capability', 'node-outage'])

/** Steps in whatever pod adds them (engines/escape/rules/capabilities.ts). */
const REACHING: readonly string[] = [
  'ALL',
  'BPF',
  'DAC_READ_SEARCH',
  'PERFMON',
  'SYS_ADMIN',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_TIME',
]

/**
 * Added capabilities that are a step onto the node, whose rule is `container CAPABILITY`. A privileged container has them
 * all, so that those it adds are a step from when it is not: with `hidden`, they go too.
 */
export function addedCapabilities(
  steps: readonly Edge[],
  { pods }: Template,
  hidden: 'hidden' | 'seen' = 'seen',
): Part | undefined {
  const reaching = new Set<string>()
  for (const { kind, rule } of steps) if (CAPABILITY_STEPS.has(kind)) reaching.add(rule)
  if (hidden === 'hidden')
    for (const { name, security } of pods.flatMap((pod) => pod.containers))
      if (security.privileged)
        for (const added of security.added) if (REACHING.includes(added)) reaching.add(`${name} ${added}`)
  if (reaching.size === 0) return undefined
  const names = [...new Set([...reaching].map((rule) => rule.slice(rule.lastIndexOf(' ') + 1)))].sort()
  const containers = new Set([...reaching].map((rule) => rule.slice(0, rule.lastIndexOf(' '))))
  return {
    what: names.length === 1 ? `the capability ${names[0]}` : `the capabilities ${names.join(', ')}`,
    ...(names.length > 1 ? { short: `${names.length} capabilities` } : {}),
    note: `Nothing in it may make system calls that need ${names.join(', ')}.`,
    edits: (shown) =>
      shown.containers
        .filter(({ name }) => containers.has(name))
        .flatMap(({ name, path }) => {
          const add = [...path, 'securityContext', 'capabilities', 'add']
          // ALL stands for whatever of it is a step, where single ones were dropped from it.
          const goes = (item: Json): boolean => {
            const added = string(item)?.toUpperCase().replace(/^CAP_/, '')
            return added === 'ALL' || reaching.has(`${name} ${added}`)
          }
          const items = list(at(shown.object.body, ...add))
          return removals(
            shown,
            items.flatMap((item, index) => (goes(item) ? [{ path: [...add, index] }] : [])),
          )
        }),
  }
}
