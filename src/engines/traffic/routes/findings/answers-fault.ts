import type { KubeObject } from '../../../../cluster/object.ts'
import type { Finding } from '../../../engine.ts'
import { hidesLimit } from '../../effective/deny-code.ts'
import type { Routing } from '../routes.ts'

/** R6, once for each object that holds the code (the ConfigMap of a controller), else for the controller itself. */
export function* answersFault({ routes }: Routing): Iterable<Finding> {
  const told = new Set<KubeObject>()
  for (const { controller, limits } of routes)
    for (const limit of limits) {
      const hidden = limit.state === 'inert' || limit.byDefault ? undefined : hidesLimit(limit)
      const object = controller?.settingsObject ?? controller?.workload?.object ?? limit.because[0]?.object
      if (!hidden || !object || told.has(object)) continue
      told.add(object)
      yield {
        check: 'limit-answers-fault',
        severity: 'low',
        object,
        message: hidden.text,
        because: limit.because,
      }
    }
}
