import type { Proposer } from '../fix.ts'
import { addedCapabilities } from './parts.ts'
import { surveyOf } from './survey.ts'
import { templateOf } from './template.ts'
import { byId, runWithout, withoutParts } from './without.ts'

/** Containers of a workload lose the added capabilities that reach their node; the others stay. */
export const capabilitiesDrop: Proposer = {
  kind: 'capabilities-drop',
  propose: (context) =>
    byId(
      [...surveyOf(context).escaping].flatMap(([workload, steps]) => {
        const template = templateOf(workload)
        const part = template && addedCapabilities(steps, template)
        return part
          ? withoutParts(context, template, [part], {
              kind: 'capabilities-drop',
              title: runWithout(workload, [part]),
            })
          : []
      }),
    ),
}
