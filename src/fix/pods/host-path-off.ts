import type { Proposer } from '../fix.ts'
import { hostPaths, hostPathsOf } from './parts.ts'
import { surveyOf } from './survey.ts'
import { templateOf } from './template.ts'
import { byId, runWithout, withoutParts } from './without.ts'

/** A workload loses one hostPath volume, with its mounts: one fix a volume. */
export const hostPathOff: Proposer = {
  kind: 'host-path-off',
  propose: (context) =>
    byId(
      [...surveyOf(context).escaping].flatMap(([workload, steps]) => {
        const template = templateOf(workload)
        if (!template) return []
        return [...hostPathsOf(template, steps)].flatMap(([name, path]) => {
          const part = hostPaths(new Map([[name, path]]))
          return withoutParts(context, template, [part], {
            kind: 'host-path-off',
            part: name,
            title: runWithout(workload, [part]),
          })
        })
      }),
    ),
}
