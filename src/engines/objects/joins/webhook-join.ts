import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Path } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { type Webhook, webhookConfigurations, webhooksOf } from '../../../cluster/webhooks.ts'
import type { Check, Join } from '../../check.ts'
import { failed, passed, undecided } from '../../verdict.ts'

/** What is wrong with one webhook, after its name. */
export interface WebhookFault {
  readonly says: string
  /** Below the webhook. */
  readonly path: Path
  /** False: the input does not tell. */
  readonly isSure: boolean
}

/** A check of webhook configurations, webhook by webhook; one verdict for each object. */
export function webhookJoin(
  check: Check,
  faultOf: (webhook: Webhook, cluster: Cluster, object: KubeObject) => WebhookFault | undefined,
): Join {
  return {
    check,
    *verdicts(cluster) {
      for (const object of webhookConfigurations(cluster)) {
        const found = webhooksOf(object).flatMap((webhook) => {
          const fault = faultOf(webhook, cluster, object)
          return fault
            ? [{ ...fault, says: `${webhook.name} ${fault.says}`, path: [...webhook.path, ...fault.path] }]
            : []
        })
        const sure = found.filter(({ isSure }) => isSure)
        const [first, ...rest] = sure.length > 0 ? sure : found
        if (!first) {
          yield passed(check, object)
          continue
        }
        const all = [first, ...rest]
        const message = rest.length > 0 ? `${first.says}, and ${rest.length} more` : first.says
        const reasons = all.slice(0, 10).map(({ says, path }) => because(says, object, path))
        const paths = all.map(({ path }) => path)
        yield first.isSure
          ? failed(check, object, message, reasons, ...paths)
          : undecided(check, object, message, reasons, ...paths)
      }
    },
  }
}
