import { field, isObject, type Json, type JsonObject, list } from '../../json.ts'
import { set } from '../fill.ts'
import { compareAmounts, formatQuantity, parseQuantity, type Quantity, sum } from '../quantity.ts'
import { withMissing } from './resources.ts'

/**
 * Requests and limits of a whole Pod, from those of its containers (defaultHugePagePodLimits and defaultPodRequests in
 * pkg/apis/core/v1/defaults.go, component-helpers/resource/helpers.go). On by default from 1.34.
 */
export function podLevelResources(spec: JsonObject): JsonObject {
  const given = field(spec, 'resources')
  if (!isObject(given)) return spec
  let resources = given
  const limits = field(resources, 'limits')
  const requests = field(resources, 'requests')
  if (!isFilled(limits) && !isFilled(requests)) return spec
  const hugePages = written(ofContainers(spec, 'limits')).filter(
    ([name]) => isHugePages(name) && !(isObject(requests) && Object.hasOwn(requests, name)),
  )
  resources = withEntries(resources, 'limits', hugePages)

  const limited = field(resources, 'limits')
  if (!isObject(limited) || !isFilled(limited)) return set(spec, 'resources', resources)
  const aggregated = written(ofContainers(spec, 'requests')).filter(([name]) => isShared(name))
  resources = withEntries(resources, 'requests', aggregated)
  resources = withEntries(
    resources,
    'requests',
    Object.entries(limited).filter(([name]) => isShared(name) || isHugePages(name)),
  )
  return set(spec, 'resources', resources)
}

const isShared = (name: string): boolean => name === 'cpu' || name === 'memory'
const isHugePages = (name: string): boolean => name.startsWith('hugepages-')
const isFilled = (map: Json | undefined): boolean => isObject(map) && Object.keys(map).length > 0

function withEntries(resources: JsonObject, key: string, entries: readonly (readonly [string, Json])[]): JsonObject {
  if (entries.length === 0) return resources
  return set(resources, key, withMissing(field(resources, key), Object.fromEntries(entries)))
}

type Amounts = Map<string, Quantity>

const written = (amounts: Amounts): readonly (readonly [string, Json])[] =>
  [...amounts].map(([name, amount]) => [name, formatQuantity(amount)])

/** All containers at once, or the init container that needs more, beside the sidecars that started before it. */
function ofContainers(spec: JsonObject, key: 'limits' | 'requests'): Amounts {
  const total: Amounts = new Map()
  for (const container of list(field(spec, 'containers'))) add(total, amountsOf(container, key))
  const sidecars: Amounts = new Map()
  const starting: Amounts = new Map()
  for (const container of list(field(spec, 'initContainers'))) {
    const own = amountsOf(container, key)
    if (field(container, 'restartPolicy') === 'Always') {
      add(total, own)
      add(sidecars, own)
      raise(starting, sidecars)
    } else {
      add(own, sidecars)
      raise(starting, own)
    }
  }
  raise(total, starting)
  return total
}

function amountsOf(container: Json, key: string): Amounts {
  const amounts: Amounts = new Map()
  const given = field(field(container, 'resources'), key)
  if (!isObject(given)) return amounts
  for (const [name, amount] of Object.entries(given)) {
    const quantity = parseQuantity(amount)
    if (quantity) amounts.set(name, quantity)
  }
  return amounts
}

function add(to: Amounts, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const present = to.get(name)
    to.set(name, present ? sum(present, amount) : amount)
  }
}

function raise(to: Amounts, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const present = to.get(name)
    if (!present || compareAmounts(amount, present) > 0) to.set(name, amount)
  }
}
