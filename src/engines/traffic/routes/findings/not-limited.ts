import { because } from '../../../../cluster/because.ts'
import type { Finding } from '../../../engine.ts'
import type { Controller } from '../../controllers/controller.ts'
import type { Route } from '../route.ts'
import type { Routing } from '../routes.ts'
import { stateOf } from '../state.ts'

/**
 * Routes on the internet on which nothing counts requests. Where no route of a controller has a limit this is one finding
 * of the controller: a habit, not seventeen slips.
 */
export function* notLimited({ routes }: Routing): Iterable<Finding> {
  const open = routes.filter((route) => route.exposed === 'yes' && route.protocol === 'http')
  for (const [controller, own] of Map.groupBy(open, (route) => route.controller)) {
    const bare = own.filter((route) => stateOf(route) === 'none')
    if (bare.length === 0) continue
    if (controller && bare.length === own.length && new Set(bare.map(({ object }) => object)).size > 1)
      yield ofController(controller, bare)
    else yield* ofObjects(bare, own.length > bare.length)
  }
}

const MOST_NAMED = 5

function ofController(controller: Controller, bare: readonly Route[]): Finding {
  const object = controller.workload?.object ?? (bare[0] as Route).object
  return {
    check: 'no-request-limit',
    severity: 'medium',
    object,
    message: `none of the ${bare.length} routes that ${controller.product} carries from the internet has a limit of requests`,
    because: bare.slice(0, MOST_NAMED).map((route) => because('has none', route.object)),
    part: controller.product,
  }
}

function* ofObjects(bare: readonly Route[], othersHave: boolean): Iterable<Finding> {
  for (const [object, own] of Map.groupBy(bare, (route) => route.object)) {
    const count = own.length === 1 ? 'its route' : `${own.length} of its routes`
    yield {
      check: 'no-request-limit',
      severity: othersHave ? 'medium' : 'low',
      object,
      message: `is on the internet, and nothing limits requests to ${count}`,
      because: (own[0] as Route).because.slice(0, MOST_NAMED),
    }
  }
}
