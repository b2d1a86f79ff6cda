import { because } from '../../../../cluster/because.ts'
import type { KubeObject } from '../../../../cluster/object.ts'
import type { Finding } from '../../../engine.ts'
import type { Controller } from '../../controllers/controller.ts'
import type { Route } from '../route.ts'
import type { Routing } from '../routes.ts'

/** kubernetes/ingress-nginx: its repository is read-only since this day; the last release is 1.15.1 of 2026-03-19. */
export const ARCHIVED = '2026-03-24'
export const LAST_RELEASE = '1.15.1'

/** Routes that hang on ingress-nginx, whether or not its pods are in the input: once for each install. */
export function* unmaintained({ routes }: Routing): Iterable<Finding> {
  const own = routes.filter(({ controller }) => controller?.product === 'ingress-nginx')
  for (const [controller, carried] of Map.groupBy(own, (route) => route.controller as Controller)) {
    const limited = carried.filter(({ limits }) => limits.some((each) => !each.byDefault && each.state !== 'inert'))
    const version = controller.settings.version
    const count = carried.length === 1 ? 'One route hangs' : `${carried.length} routes hang`
    yield {
      check: 'edge-unmaintained',
      severity: 'high',
      object: objectOf(controller, carried),
      message: `${count} on ingress-nginx${version === undefined ? '' : ` ${version}`}, which gets no fixes since ${ARCHIVED}; ${limitedText(
        limited.length,
      )} (traffic migrate)`,
      because: [
        ...controller.because,
        ...carried.slice(0, MOST).map(({ object }) => because('is served by it', object, ['spec'])),
      ],
    }
  }
}

function limitedText(count: number): string {
  if (count === 0) return 'nobody set a limit on any of them'
  return `${count === 1 ? 'one of them has limits' : `${count} of them have limits`} that a move may lose`
}

const MOST = 5

function objectOf({ workload }: Controller, carried: readonly Route[]): KubeObject {
  return workload?.object ?? workload?.pods[0]?.object ?? (carried[0] as Route).object
}
