import type { Cluster } from '../../../cluster/cluster.ts'
import { at, type Path, strings } from '../../../cluster/json.ts'
import type { Workload } from '../../../cluster/workload.ts'

/** What the flags of a cluster-autoscaler bound. */
export interface AutoscalerFlags {
  readonly workload: Workload
  readonly path: Path
  /** Undefined: no bound. */
  readonly maxNodes: number | undefined
  readonly cores: number | undefined
  /** GiB. */
  readonly memory: number | undefined
  readonly groups: readonly { readonly name: string; readonly max: number }[]
  /** It finds its groups by tags, whose maxima stand in the cloud. */
  readonly discovers: boolean
  readonly capacityQuotas: boolean
}

const IMAGE = /(?:^|\/)cluster-autoscaler(?:-(?:amd64|arm64|s390x))?(?:[:@]|$)/

export function autoscalersOf(cluster: Cluster): readonly AutoscalerFlags[] {
  const found = known.get(cluster) ?? cluster.workloads.flatMap(flagsOf)
  known.set(cluster, found)
  return found
}

const known = new WeakMap<Cluster, readonly AutoscalerFlags[]>()

function flagsOf(workload: Workload): readonly AutoscalerFlags[] {
  const [shape] = workload.specs
  const container = shape?.pod.containers.find(({ image }) => IMAGE.test(image))
  if (!shape || !container || workload.finished) return []
  const body = at(shape.object.body, ...container.path)
  const words = [...strings(at(body, 'command')), ...strings(at(body, 'args'))]
  const values = (flag: string): readonly string[] =>
    words.flatMap((word, index) => {
      const name = word.replace(/^--?/, '')
      if (name.startsWith(`${flag}=`)) return [name.slice(flag.length + 1)]
      return name === flag && word.startsWith('-') ? [words[index + 1] ?? ''] : []
    })
  const last = (flag: string): string | undefined => values(flag).at(-1)
  const upper = (flag: string): number | undefined => counted(last(flag)?.split(':')[1])
  return [
    {
      workload,
      path: container.path,
      // 0 is no limit.
      maxNodes: counted(last('max-nodes-total')) || undefined,
      cores: upper('cores-total'),
      memory: upper('memory-total'),
      groups: values('nodes').flatMap((text) => {
        const [, max, ...name] = text.split(':')
        const most = counted(max)
        return most === undefined ? [] : [{ name: name.join(':'), max: most }]
      }),
      discovers: values('node-group-auto-discovery').length > 0,
      capacityQuotas:
        values('capacity-quotas-enabled').some((value) => value !== 'false') ||
        words.includes('--capacity-quotas-enabled'),
    },
  ]
}

function counted(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}
