import { because } from '../../../cluster/because.ts'
import { idOf } from '../../../cluster/object.ts'
import { probe, probes } from '../probe.ts'
import { type AccessRule, overScope, placesOf, placesOfBoth, step } from '../rule.ts'
import { accountNamed, type ScopeKinds } from '../scopes.ts'
import { openedApart } from './secret-token.ts'

const READ = probes(['get', 'list', 'watch'], '', ['secrets'])
const CREATE = [probe('create', '', 'secrets')]
const MINT = [probe('create', '', 'serviceaccounts/token')]

const SOURCE = 'kubernetes.io/docs/concepts/security/rbac-good-practices'

export function secretRules(kinds: ScopeKinds): readonly AccessRule[] {
  return [
    {
      kinds: [
        {
          kind: 'read-secret',
          title: 'reads Secrets',
          from: 'User, Group, ServiceAccount',
          to: 'Secret',
          chance: '1',
          precondition:
            '`get`, `list` or `watch` on `secrets`. With resourceNames: those (a list by name passes with the field selector metadata.name)',
          source: 'staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go',
        },
      ],
      *edges(rights, context) {
        yield* overScope('read-secret', rights, context, kinds.secrets, READ, (namespace, name) => {
          const id = idOf('Secret', namespace, name)
          return context.cluster.get(id) ? [id] : []
        })
        for (const { namespace, right } of placesOf(rights, ...READ))
          for (const name of right.names ?? [])
            for (const each of context.scopes.within(namespace)) {
              const opened = openedApart(context.cluster, context.known, idOf('Secret', each, name))
              for (const { kind, to, because: why } of opened) yield step(kind, rights, to, [right], { because: why })
            }
      },
    },
    {
      kinds: [
        {
          kind: 'create-token-secret',
          title: 'has a token written into a Secret of its own',
          from: 'User, Group, ServiceAccount',
          to: 'ServiceAccount',
          chance: '1',
          precondition:
            '`create` on `secrets`, and a way to read the new one: `get`, `list` or `watch` on secrets in the same namespace',
          source: 'pkg/controller/serviceaccount/tokens_controller.go',
        },
      ],
      *edges(rights, context) {
        for (const { namespace, rights: both } of placesOfBoth(rights, CREATE, READ)) {
          const [creates, reads] = both
          if (creates.names !== undefined) continue
          // A name that is taken cannot be created, so that reading it shows the old Secret.
          const free = reads.names?.filter(
            (name) =>
              !context.scopes
                .within(namespace)
                .some((each) => context.cluster.get(idOf('Secret', each, name)) !== undefined),
          )
          if (free && free.length === 0) continue
          const why = free ? [because(`no Secret is named ${free[0]} yet`)] : []
          yield step('create-token-secret', rights, context.scopes.of(kinds.serviceAccounts, namespace), both, {
            because: why,
          })
        }
      },
    },
    {
      kinds: [
        {
          kind: 'mint-token',
          title: 'asks for a token of a service account',
          from: 'User, Group, ServiceAccount',
          to: 'ServiceAccount',
          chance: '1',
          precondition:
            '`create` on `serviceaccounts/token`, for all accounts or by name (a create on a subresource has a name)',
          source: SOURCE,
        },
      ],
      edges: (rights, context) =>
        overScope('mint-token', rights, context, kinds.serviceAccounts, MINT, accountNamed(kinds, context.scopes)),
    },
  ]
}
