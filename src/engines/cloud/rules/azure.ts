import { because } from '../../../cluster/because.ts'
import { cloudIdentity } from '../../../cluster/cloud/identity.ts'
import type { Shape } from '../../../cluster/workload.ts'
import { type Account, type CloudContext, type Link, subjectOf } from '../context.ts'

export const CLIENT_ANNOTATION = 'azure.workload.identity/client-id'
const LABEL = 'azure.workload.identity/use'

/** The webhook gives a token to pods with the label alone (azure-workload-identity pkg/webhook). */
function isLabelled({ pod }: Shape): boolean {
  return pod.labels.get(LABEL) === 'true'
}

/** Workload identity of Azure: annotation, label, and the federated credential that decides. */
export function* azureLinks({ accounts, exports }: CloudContext): Generator<{ account: Account; link: Link }> {
  const { identities, federations } = exports.azure
  const byClient = new Map(identities.map((each) => [each.clientId.toLowerCase(), each]))
  const byId = new Map(identities.flatMap((each) => (each.id === undefined ? [] : [[each.id.toLowerCase(), each]])))
  for (const account of accounts) {
    const admitting = federations.filter(({ subject }) => subject === subjectOf(account))
    const client = account.annotations.get(CLIENT_ANNOTATION)
    if (client !== undefined) {
      const own = byClient.get(client.toLowerCase())?.id?.toLowerCase()
      const credentials = federations.filter(({ identity }) => own !== undefined && identity?.toLowerCase() === own)
      const exact = admitting.find((each) => credentials.includes(each))
      if (exact || credentials.length === 0)
        yield {
          account,
          link: {
            to: cloudIdentity('azure', client),
            truth: exact ? 'yes' : 'unknown',
            isGiven: isLabelled,
            rule: 'workload-identity',
            because: [
              because(`annotation ${CLIENT_ANNOTATION}: ${client}`, account.object, [
                'metadata',
                'annotations',
                CLIENT_ANNOTATION,
              ]),
              exact ? exact.from : because('whether a federated credential names the account is in no export'),
            ],
          },
        }
    }
    for (const { identity, from } of admitting) {
      const owner = identity === undefined ? undefined : byId.get(identity.toLowerCase())
      const name = owner?.clientId ?? identity
      if (name === undefined || name.toLowerCase() === client?.toLowerCase()) continue
      yield {
        account,
        // The subject is the same in every cluster, and which issuer this one has is in no export.
        link: {
          to: cloudIdentity('azure', name),
          truth: 'unknown',
          isGiven: () => false,
          rule: 'workload-identity',
          because: [from],
        },
      }
    }
  }
}
