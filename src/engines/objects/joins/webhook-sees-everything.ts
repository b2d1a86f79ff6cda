import { webhookJoin } from './webhook-join.ts'

/** Whoever answers it reads every Secret that is written, and no write succeeds while it is down. */
export const webhookSeesEverything = webhookJoin(
  {
    id: 'webhook-sees-everything',
    title: 'A webhook is sent every object of every kind',
    severity: 'medium',
    category: 'security',
    profiles: [],
    aliases: {},
    references: [
      'https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/#webhook-scope',
    ],
  },
  ({ rules, isNarrowed }) => {
    const wide = rules.findIndex(
      ({ groups, resources }) => groups.includes('*') && resources.some((each) => each === '*' || each === '*/*'),
    )
    return wide < 0 || isNarrowed
      ? undefined
      : { says: 'matches every resource of every group, in every namespace', path: ['rules', wide], isSure: true }
  },
)
