import { webhookJoin } from './webhook-join.ts'

/** A list for the eye: only a person knows which of them belong there. */
export const webhookRegistered = webhookJoin(
  {
    id: 'webhook-registered',
    title: 'An admission webhook is registered',
    severity: 'low',
    category: 'security',
    profiles: [],
    aliases: { kubescape: 'ValidatingWebhookConfiguration=C-0036, MutatingWebhookConfiguration=C-0039' },
    references: ['https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/'],
  },
  ({ service, rules }) => {
    const resources = [...new Set(rules.flatMap((rule) => rule.resources))]
    const what = resources.length > 4 ? `${resources.slice(0, 4).join(', ')}, …` : resources.join(', ') || 'nothing'
    const who = service ? `Service ${service.namespace}/${service.name}` : 'a URL'
    return { says: `is asked of ${what} and answered by ${who}`, path: [], isSure: true }
  },
)
