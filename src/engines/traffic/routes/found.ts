import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Path } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { growthOf } from '../bounds/growth-of.ts'
import { productsOfAnnotations } from '../controllers/serving.ts'
import { UNSEEN } from '../controllers/settings.ts'
import type { FoundLimit, Product, Settings } from '../dialects/dialect.ts'
import { dialectOf } from '../dialects/dialects.ts'
import { overDefaults } from '../dialects/over-defaults.ts'
import { unreadLimit } from '../dialects/shapes.ts'
import type { Growth } from '../growth.ts'
import { attaching } from './attach/attach.ts'
import type { Absent, Attached } from './attach/attached.ts'
import type { Placed } from './finish.ts'

/** A limit, and whose replicas count it where that is not the controller. */
export interface HeldLimit extends FoundLimit {
  readonly replicas?: Growth
}

export interface Limiting {
  /** All limits that anything sets for a route, its controller's defaults among them. */
  of(placed: Placed): readonly HeldLimit[]
  /** Whether the object set a limit for some route. */
  isUsed(object: KubeObject): boolean
  /** All that an object sets by itself, in the words of a product. */
  read(object: KubeObject | undefined, product: Product, settings: Settings): readonly FoundLimit[]
}

/** The limits of routes: those of their objects, of what is attached to them, and of the settings of their controllers. */
export function limiting(cluster: Cluster): Limiting {
  const attach = attaching(cluster)
  const read = reader(cluster)
  const used = new Set<KubeObject>()
  const growth = growthOf(cluster)
  return {
    read,
    isUsed: (object) => used.has(object),
    of(placed) {
      const { controller, object } = placed.draft
      const settings = controller?.settings ?? UNSEEN.settings
      const own: HeldLimit[] = []
      for (const each of attach(placed)) {
        if ('absent' in each) {
          own.push(unseen(each))
          continue
        }
        used.add(each.object)
        const product = each.product ?? controller?.product
        if (product === undefined) continue
        const isOther = each.product !== undefined && each.product !== controller?.product
        const first = placed.workloads[0]
        const counting = each.behind && first !== undefined ? { replicas: growth(first) } : {}
        const limits = read(each.object, product, isOther ? UNSEEN.settings : settings).filter(isOf(each))
        own.push(...limits.map(as(each)).map((limit) => ({ ...limit, ...counting })))
      }
      own.push(...ofOtherClass(read, placed))
      const common = controller ? read(undefined, controller.product, settings) : []
      const all = object.kind === 'Service' && controller === undefined ? own : overDefaults(own, common)
      return all
    },
  }
}

/** What is named and not in the input limits the route, or does something else. */
function unseen({ absent, because: reasons }: Absent): HeldLimit {
  return {
    limit: unreadLimit('requests', absent),
    because: reasons,
    unknown: { missing: absent, because: [because(`${absent} is not in the input`)] },
  }
}

function reader(cluster: Cluster): Limiting['read'] {
  const done = new Map<Settings, Map<string, readonly FoundLimit[]>>()
  return (object, product, settings) => {
    const own = done.get(settings) ?? new Map<string, readonly FoundLimit[]>()
    done.set(settings, own)
    const key = `${product} ${object?.id ?? ''}`
    const limits = own.get(key) ?? dialectOf(product)?.read(object, settings, cluster) ?? []
    own.set(key, limits)
    return limits
  }
}

/** Of an object of which only parts are about the route, what stands in these parts. */
function isOf({ within, object }: Attached): (found: FoundLimit) => boolean {
  if (within === undefined) return () => true
  return ({ because: [first] }) => first?.object === object && within.some((part) => startsWith(first.path ?? [], part))
}

function startsWith(path: Path, part: Path): boolean {
  return part.every((step, index) => path[index] === step)
}

function as({ because: reasons, inert, unknown }: Attached): (found: FoundLimit) => FoundLimit {
  return (found) => ({
    ...found,
    because: [...found.because, ...reasons],
    ...(found.inert || !inert ? {} : { inert }),
    ...(found.unknown || inert || !unknown ? {} : { unknown }),
  })
}

/** Annotations for other products than the one that serves the Ingress, and those of an Ingress that nobody is seen to serve. */
function ofOtherClass(read: Limiting['read'], { draft }: Placed): readonly FoundLimit[] {
  const { object, controller } = draft
  if (object.kind !== 'Ingress') return []
  const [first, ...rest] = productsOfAnnotations(object)
  if (first === undefined) return []
  if (!controller) return read(object, first, UNSEEN.settings).map(unserved(draft))
  // Traefik can be told to obey the annotations of ingress-nginx; its reader says so itself.
  const own = new Set(
    read(object, controller.product, controller.settings).map(({ because: [reason] }) => JSON.stringify(reason?.path)),
  )
  return [first, ...rest]
    .filter((product) => product !== controller.product)
    .flatMap((product) =>
      read(object, product, UNSEEN.settings)
        .filter(({ because: [reason] }) => !own.has(JSON.stringify(reason?.path)))
        .map((each) => ({
          ...each,
          inert: {
            rule: 'wrong-class',
            because: [
              because(`${controller.product} serves it, which does not read annotations of ${product}`, object, [
                'spec',
                'ingressClassName',
              ]),
            ],
          },
        })),
    )
}

function unserved({ object, missing }: Placed['draft']): (found: FoundLimit) => FoundLimit {
  return (found) => ({
    ...found,
    unknown: {
      missing: missing ?? 'the controller of its class',
      because: [because('who serves it is not known', object, ['spec'])],
    },
  })
}
