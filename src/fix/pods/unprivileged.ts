import type { Edge } from '../../engines/engine.ts'
import type { FixContext, Proposer } from '../fix.ts'
import { HOST_NAMESPACES } from './host-access-off.ts'
import { addedCapabilities, HOST_NETWORK, hostPaths, hostPathsOf, type Part, PRIVILEGED, PROC_MOUNT } from './parts.ts'
import { isPrivileged } from './privileged-off.ts'
import { surveyOf } from './survey.ts'
import { changesOf, type Template, templateOf } from './template.ts'
import { byId, runWithout, withoutParts } from './without.ts'

/**
 * A workload loses at once all that leads to its node: while one way is left, closing another gains nothing. Where there
 * is one thing only that a fix of its own takes, that fix is all.
 */
export const unprivileged: Proposer = {
  kind: 'unprivileged',
  propose: (context) =>
    byId(
      [...surveyOf(context).escaping].flatMap(([workload, steps]) => {
        const template = templateOf(workload)
        if (!template) return []
        const { parts, hasOwnFix } = partsOf(context, template, steps)
        if (hasOwnFix) return []
        return withoutParts(context, template, parts, {
          kind: 'unprivileged',
          title: runWithout(workload, parts),
          ...(parts.includes(HOST_NETWORK) ? { around: [workload.id] } : {}),
        })
      }),
    ),
}

function partsOf(
  { cluster }: FixContext,
  template: Template,
  steps: readonly Edge[],
): { readonly parts: readonly Part[]; readonly hasOwnFix: boolean } {
  const paths = hostPathsOf(template, steps)
  const capabilities = addedCapabilities(steps, template, 'hidden')
  const parts = [
    ...(steps.some(isPrivileged) ? [PRIVILEGED] : []),
    ...(steps.some(({ kind }) => kind === 'unmasked-proc') ? [PROC_MOUNT] : []),
    ...HOST_NAMESPACES.filter(({ isUsed }) => steps.some(isUsed)).map(({ part }) => part),
    ...(capabilities ? [capabilities] : []),
    ...(paths.size > 0 ? [hostPaths(paths)] : []),
  ].filter((part) => changesOf(cluster, template, part.edits).length > 0)
  return { parts, hasOwnFix: parts.length === 1 && paths.size <= 1 && parts[0] !== PROC_MOUNT }
}
