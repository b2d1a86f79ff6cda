import type { Edge } from '../../engines/engine.ts'
import type { Proposer } from '../fix.ts'
import { PRIVILEGED } from './parts.ts'
import { surveyOf } from './survey.ts'
import { templateOf } from './template.ts'
import { byId, runWithout, withoutParts } from './without.ts'

export const isPrivileged = ({ kind }: Edge): boolean => kind === 'privileged' || kind === 'windows-host-process'

/** Containers of a workload lose `privileged` (or HostProcess, on Windows), and nothing else. */
export const privilegedOff: Proposer = {
  kind: 'privileged-off',
  propose: (context) =>
    byId(
      [...surveyOf(context).escaping].flatMap(([workload, steps]) => {
        const template = templateOf(workload)
        if (!template || !steps.some(isPrivileged)) return []
        return withoutParts(context, template, [PRIVILEGED], {
          kind: 'privileged-off',
          title: runWithout(workload, [PRIVILEGED]),
        })
      }),
    ),
}
