import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Limit } from '../limit.ts'
import type { Dialect, FoundLimit, Product, Settings } from './dialect.ts'

/**
 * Why a limit that is written does nothing:
 * - `removed-feature`: this version of the product does not know it any more (or not yet);
 * - `ignored-value`: the product does not take the value, and goes on as if nothing were written;
 * - `refused-object`: for this value the product refuses the whole object;
 * - `breaks-configuration`: for this value the engine refuses the configuration of all routes;
 * - `unlimited`: the value says that there is no limit, which takes the default's away;
 * - `exempts-everyone`: its list of exempt networks holds every client;
 * - `unused-by-engine`: the product has no such limit, whatever the value.
 */
export type InertRule =
  | 'removed-feature'
  | 'ignored-value'
  | 'refused-object'
  | 'breaks-configuration'
  | 'unlimited'
  | 'exempts-everyone'
  | 'unused-by-engine'

export function found(limit: Limit, ...reasons: readonly Because[]): FoundLimit {
  return { limit, because: reasons }
}

export function inert(limit: Limit, rule: InertRule, why: string, ...reasons: readonly Because[]): FoundLimit {
  const first = reasons[0]
  return { limit, because: reasons, inert: { rule, because: [because(why, first?.object, first?.path)] } }
}

export function unread(limit: Limit, missing: string, ...reasons: readonly Because[]): FoundLimit {
  const first = reasons[0]
  return {
    limit,
    because: reasons,
    unknown: { missing, because: [because(`${missing} is not known`, first?.object, first?.path)] },
  }
}

/** What the engine does where nobody says otherwise; a guess where its settings were not seen. */
export function byDefault(limit: Limit, { seen }: Settings, text: string): FoundLimit {
  const reason = because(text)
  if (seen) return { limit, because: [reason], byDefault: true }
  const missing = 'the configuration of the controller'
  return {
    limit,
    because: [reason],
    byDefault: true,
    unknown: { missing, because: [because(`${missing} is not in the input`)] },
  }
}

/** No object of people sets more limits; of one that does, the rest is *unknown*. */
export const MOST_LIMITS = 1000

/** The first of these, without asking for more. */
export function* take<T>(items: Iterable<T>, most: number): Iterable<T> {
  let left = most
  for (const item of items) {
    if (left-- === 0) return
    yield item
  }
}

type Reader = (object: KubeObject | undefined, settings: Settings, cluster: Cluster) => Iterable<FoundLimit>

/** A dialect of this reader, with an end to what one object may say. */
export function dialect(product: Product, title: string, reader: Reader): Dialect {
  return {
    product,
    title,
    read(object, settings, cluster) {
      const limits: FoundLimit[] = []
      for (const each of reader(object, settings, cluster)) {
        if (limits.length === MOST_LIMITS) {
          limits.push(unread(each.limit, `what it sets after its first ${MOST_LIMITS} limits`, ...each.because))
          break
        }
        limits.push(each)
      }
      return limits
    },
  }
}
