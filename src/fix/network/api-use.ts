import { isDefaultBinding } from '../../authz/bootstrap.ts'
import { implicitGroupIds } from '../../authz/subjects.ts'
import { idOf } from '../../cluster/object.ts'
import type { Workload } from '../../cluster/workload.ts'
import { mountedToken } from '../../engines/access/rules/token.ts'
import type { FixContext } from '../fix.ts'

/** Whether a workload must be left its way to the API server, and why. */
export function needsApiServer(context: FixContext, workload: Workload): string | undefined {
  const { cluster, used } = context
  const isRecorded = used?.peers(workload.id, 'egress') !== undefined
  for (const shape of workload.specs) {
    if (mountedToken(cluster, workload, shape).truth !== 'yes') continue
    const account = idOf('ServiceAccount', workload.namespace, shape.pod.serviceAccountName)
    const rights = used?.rights(account)
    if (rights && rights.length > 0) return `its service account was used for requests to the API server`
    // Rights that neither the audit log nor the flows show in use are not what it runs on.
    if (rights && isRecorded) continue
    if (hasRights(context, account)) return `it holds the token of ${shape.pod.serviceAccountName}, which has rights`
  }
  return undefined
}

/** Beyond what every account has. */
function hasRights({ cluster, policy }: FixContext, account: string): boolean {
  const isOwn = (subject: string): boolean =>
    policy
      .bindingsOf(subject)
      .some(
        (binding) =>
          !binding.assumed &&
          !isDefaultBinding(binding, cluster.version.minor) &&
          (policy.roleOf(binding)?.rules.length ?? 0) > 0,
      )
  return [account, ...implicitGroupIds(account)].some(isOwn)
}
