import type { Cluster } from '../../cluster/cluster.ts'
import { pluralOf, typeName } from '../../cluster/kinds.ts'
import { idOf, type KubeObject } from '../../cluster/object.ts'
import type { Workload } from '../../cluster/workload.ts'
import deputies from './deputies.json' with { type: 'json' }

/** Controllers that do with their own rights what an object tells them, whoever wrote it. */
export interface Deputy {
  readonly product: string
  readonly group: string
  readonly resources: readonly string[]
  readonly gives: Gives
  /** Names of its workload (as they end, where they have a hyphen) and of its image, without registry and tag. */
  readonly controller: readonly string[]
  /** Further names of its image. */
  readonly images?: readonly string[]
  /** In place of a workload: the definition (`plural.group`) that only the product itself installs. */
  readonly definition?: string
  /** The resources stand in no namespace. */
  readonly scope?: 'cluster'
  /** It obeys objects of its own namespace only. */
  readonly place?: 'own'
  /** One of these is to be written as well; without a right to, it depends on what is there. */
  readonly needs?: readonly (readonly string[])[]
  /** An argument with which it uses another account. */
  readonly unless?: string
  readonly truth?: 'unknown'
  readonly why: string
}

/**
 * `account`: what the controller’s account may do; `workload`: its pods; `pods`: commands in every pod; `scheduled`: pods
 * that come to new nodes; `admitted-pods`: pods as they are admitted; `new-pods`: pods in the namespace of the object;
 * `accounts`: service accounts, Secrets and claims there; `control-plane`: everything.
 */
export type Gives =
  | 'account'
  | 'workload'
  | 'pods'
  | 'scheduled'
  | 'admitted-pods'
  | 'new-pods'
  | 'accounts'
  | 'control-plane'

export interface FoundDeputy extends Deputy {
  readonly workloads: readonly Workload[]
  readonly definitionObject?: KubeObject
  /** Of its resources, those that the input holds. */
  readonly objects: readonly KubeObject[]
}

interface Known {
  readonly found: readonly FoundDeputy[]
  /** Products of which the input holds objects or definitions and no controller. */
  readonly unseen: ReadonlyMap<string, readonly KubeObject[]>
}

const known = new WeakMap<Cluster, Known>()

export function deputiesOf(cluster: Cluster): Known {
  const made = known.get(cluster) ?? find(cluster)
  known.set(cluster, made)
  return made
}

function find(cluster: Cluster): Known {
  const running = runningBy(cluster)
  const found: FoundDeputy[] = []
  const unseen = new Map<string, readonly KubeObject[]>()
  const objects = objectsByGroup(cluster)
  const plurals = new Map<string, string>()
  const resourceOf = ({ group, kind }: KubeObject): string => {
    const plural = plurals.get(`${group}/${kind}`) ?? pluralOf(group, kind, cluster)
    plurals.set(`${group}/${kind}`, plural)
    return plural
  }
  for (const deputy of deputies as readonly Deputy[]) {
    const own = (objects.get(deputy.group) ?? []).filter((each) => deputy.resources.includes(resourceOf(each)))
    const definition = definitionNamed(cluster, deputy.definition)
    const workloads = running(deputy)
    const obeying = workloads.filter((workload) => !isConfined(workload, deputy))
    if (obeying.length > 0 || definition)
      found.push({
        ...deputy,
        workloads: obeying,
        objects: own,
        ...(definition ? { definitionObject: definition } : {}),
      })
    else if (workloads.length === 0 && own.length > 0)
      unseen.set(deputy.product, [...new Set([...(unseen.get(deputy.product) ?? []), ...own])])
  }
  for (const { product } of found) unseen.delete(product)
  return { found, unseen }
}

function definitionNamed(cluster: Cluster, name: string | undefined): KubeObject | undefined {
  return name === undefined
    ? undefined
    : cluster.get(idOf(typeName('apiextensions.k8s.io', 'CustomResourceDefinition'), '', name))
}

function objectsByGroup(cluster: Cluster): ReadonlyMap<string, readonly KubeObject[]> {
  const groups = new Set((deputies as readonly Deputy[]).map(({ group }) => group))
  return Map.groupBy(
    cluster.objects.filter(({ group }) => groups.has(group)),
    ({ group }) => group,
  )
}

/** By the name of a workload, or of an image that it runs; each workload is looked at once. */
function runningBy(cluster: Cluster): (deputy: Deputy) => readonly Workload[] {
  const all = deputies as readonly Deputy[]
  const names = new Set(all.flatMap(({ controller }) => controller))
  const images = new Set(all.flatMap(({ controller, images = [] }) => [...controller, ...images]))
  const found = new Map<string, Set<Workload>>()
  const add = (key: string, workload: Workload): void => {
    found.set(key, (found.get(key) ?? new Set()).add(workload))
  }
  for (const workload of cluster.workloads) {
    if (workload.finished) continue
    for (const name of namesOf(workload.name)) if (names.has(name)) add(`name ${name}`, workload)
    for (const { pod } of workload.specs)
      for (const { image } of pod.containers) {
        const name = imageName(image)
        if (images.has(name)) add(`image ${name}`, workload)
      }
  }
  return ({ controller, images: more = [] }) => {
    const keys = [
      ...controller.flatMap((name) => [`name ${name}`, `image ${name}`]),
      ...more.map((name) => `image ${name}`),
    ]
    return [...new Set(keys.flatMap((key) => [...(found.get(key) ?? [])]))]
  }
}

/** A release of a chart stands before the name: `argo-argocd-application-controller`. A single word may be anybody’s. */
function namesOf(name: string): readonly string[] {
  const parts = name.split('-').slice(0, 32)
  return [name, ...parts.map((_, index) => parts.slice(index + 1).join('-')).filter((each) => each.includes('-'))]
}

function imageName(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1)
  return /^[^:@]*/.exec(last)?.[0] ?? last
}

function isConfined(workload: Workload, { unless }: Deputy): boolean {
  return (
    unless !== undefined &&
    workload.specs.some(({ pod }) =>
      pod.containers.some(({ command, args }) => [...command, ...args].some((each) => each.startsWith(`${unless}=`))),
    )
  )
}
