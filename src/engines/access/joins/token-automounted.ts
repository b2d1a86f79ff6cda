import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at } from '../../../cluster/json.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Shape, Workload } from '../../../cluster/workload.ts'
import type { Check, Join, Verdict } from '../../check.ts'
import { failed, passed } from '../../verdict.ts'

const CHECK: Check = {
  id: 'token-automounted',
  title: 'Neither the pod nor its ServiceAccount turns off the token',
  severity: 'medium',
  category: 'security',
  profiles: [],
  aliases: { polaris: 'automountServiceAccountToken' },
  polaris: 'warning',
  references: [
    'CIS Kubernetes Benchmark 5.1.6',
    'MITRE ATT&CK T1528',
    'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/',
  ],
}

const FIELD = 'automountServiceAccountToken'

/** The pod’s own field decides; without it that of the account: plugin/pkg/admission/serviceaccount/admission.go. */
export const tokenAutomounted: Join = {
  check: CHECK,
  *verdicts(cluster) {
    for (const workload of cluster.workloads) {
      const object = workload.object ?? workload.specs[0]?.object
      if (!object || workload.finished) continue
      let fault: Verdict | undefined
      for (const shape of workload.specs) fault ??= faultOf(cluster, workload, shape)
      yield fault ? { ...fault, object } : passed(CHECK, object)
    }
  },
}

function faultOf(cluster: Cluster, workload: Workload, { pod, object }: Shape): Verdict | undefined {
  const path = [...pod.path, FIELD]
  if (pod.automountToken === false) return undefined
  if (pod.automountToken === true)
    return failed(CHECK, object, `${FIELD} is true`, [because('its token is mounted', object, path)], path)
  const account = cluster.get(idOf('ServiceAccount', workload.namespace, pod.serviceAccountName))
  if (at(account?.body, FIELD) === false) return undefined
  const named = `ServiceAccount ${pod.serviceAccountName}`
  return account
    ? failed(
        CHECK,
        object,
        `neither the pod nor its ${named} sets ${FIELD} to false`,
        [because('the pod does not say', object, pod.path), because('the account lets it be mounted', account, [])],
        pod.path,
      )
    : failed(
        CHECK,
        object,
        `the pod does not set ${FIELD} to false, and its ${named} is not in the input`,
        [because('the pod does not say', object, pod.path)],
        pod.path,
      )
}
