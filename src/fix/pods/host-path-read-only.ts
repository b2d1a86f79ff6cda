import type { Proposer } from '../fix.ts'
import { readOnlyMounts } from './parts.ts'
import { surveyOf } from './survey.ts'
import { nameOf, templateOf } from './template.ts'
import { byId, withoutParts } from './without.ts'

/** What a workload mounts of its node's files becomes read-only: less than taking it away. */
export const hostPathReadOnly: Proposer = {
  kind: 'host-path-read-only',
  propose: (context) =>
    byId(
      [...surveyOf(context).escaping].flatMap(([workload, steps]) => {
        const template = templateOf(workload)
        if (!template) return []
        return withoutParts(context, template, [readOnlyMounts(steps)], {
          kind: 'host-path-read-only',
          title: `Mount files of the node read-only in ${nameOf(workload)}`,
        })
      }),
    ),
}
