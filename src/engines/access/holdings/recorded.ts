import { because } from '../../../cluster/because.ts'
import { at, field, isObject, string } from '../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import { type Tally, together } from '../signals/tally.ts'
import type { Holding, HoldingKind } from './holding.ts'
import type { Held, HeldCertificate } from './holdings.ts'
import type { CredentialSeen, Minted, Trace } from './trace.ts'

/** What records show of a subject, and what certificates of the input say. */
export function recordedHoldings(held: Held): readonly Holding[] {
  const { traces, certificates, names, subject } = held
  const byCredential = new Map(certificates.map((each) => [each.credential, each]))
  const seen = new Set(traces.flatMap(({ credentials }) => [...credentials.all.keys()]))
  const mintedIds = new Set(held.mintedFor.map(({ credential }) => credential))
  const idle = certificates.filter(
    ({ user, credential }) => subject.kind === 'User' && names.includes(user) && !seen.has(credential),
  )
  return [
    ...traces.flatMap(({ credentials }) => [
      ...[...credentials.all.values()]
        .filter(({ pod, credential }) => pod === '' && !mintedIds.has(credential))
        .map((each) => credentialHolding(each, byCredential.get(each.credential))),
      ...podTokens([...credentials.all.values()].filter(({ pod }) => pod !== '')),
    ]),
    ...(subject.kind === 'User' ? traces.flatMap(({ unnamed }) => [...unnamed.all.values()].map(unnamedHolding)) : []),
    ...held.mintedFor.map((each) => ({
      ...mintedHolding(each),
      title: `a token that ${each.by} asked for${usedText(each)}`,
    })),
    ...idle.map((each): Holding => ({ ...certificateText(each), ...NEVER_SEEN })),
    ...traces.flatMap(({ minted }) => [...minted.all.values()].map(mintedHolding)),
    ...traces.flatMap((trace) => secretHoldings(held, trace)),
    ...traces.flatMap(({ actedAs }) =>
      [...actedAs.all].map(([user, tally]) => recorded('impersonation', `acted as ${user}`, tally, 'nothing')),
    ),
    ...traces.flatMap(({ actedBy }) =>
      [...actedBy.all].map(([user, tally]) => recorded('impersonated', `${user} acts as it`, tally, 'remaining')),
    ),
    ...traces.flatMap(({ made }) => [...made.all].map(([text, tally]) => recorded('made', text, tally, 'remaining'))),
  ]
}

const NEVER_SEEN = { places: [], ends: 'remaining' } as const

function recorded(kind: HoldingKind, title: string, tally: Tally, ends: Holding['ends']): Holding {
  const { first, last, times, place, lastPlace } = tally
  return {
    kind,
    title,
    first,
    last,
    times,
    because: [],
    places: place.id === lastPlace.id ? [place] : [place, lastPlace],
    ends,
  }
}

function credentialHolding(seen: CredentialSeen, certificate: HeldCertificate | undefined): Holding {
  const { credential, sources, agents, groups } = seen
  const kind = credential.startsWith('X509SHA256=')
    ? 'certificate'
    : credential.startsWith('AKID=')
      ? 'access-key'
      : 'token'
  const title =
    kind === 'certificate'
      ? `a client certificate${groupText(certificate?.groups ?? groups)}`
      : kind === 'access-key'
        ? credential.startsWith('AKID=AKIA')
          ? 'an access key of AWS, which does not expire'
          : 'a temporary access key of AWS'
        : 'a token'
  return {
    ...recorded(kind, title, seen, 'remaining'),
    credential,
    ...(certificate
      ? {
          from: certificate.from,
          until: certificate.until,
          because: [because('is this certificate', certificate.object, certificate.path)],
        }
      : credential.startsWith('AKID=AKIA')
        ? { until: 'never' as const }
        : {}),
    sources: [...sources],
    agents: [...agents],
  }
}

/** Whoever comes has some credential, whether the log names it or not. */
function unnamedHolding(seen: CredentialSeen): Holding {
  return {
    ...recorded('credential', 'a credential that the log does not name', seen, 'remaining'),
    sources: [...seen.sources],
    agents: [...seen.agents],
  }
}

/** They are bound to their pods and end with them. */
function podTokens(seen: readonly CredentialSeen[]): readonly Holding[] {
  const [head] = seen
  if (!head) return []
  const all = seen.slice(1).reduce<Tally>(together, head)
  const pods = new Set(seen.map(({ pod }) => pod)).size
  return [recorded('token', `${seen.length} tokens of ${pods} pods, which end with them`, all, 'nothing')]
}

function certificateText({
  groups,
  from,
  until,
  credential,
  object,
  path,
}: HeldCertificate): Pick<Holding, 'kind' | 'title' | 'from' | 'until' | 'credential' | 'because'> {
  return {
    kind: object.kind === 'ConfigMap' ? 'kubeconfig' : 'certificate',
    title: `a client certificate${groupText(groups)}${object.kind === 'ConfigMap' ? ` in the kubeconfig of ConfigMap ${object.namespace}/${object.name}` : ''}`,
    from,
    until,
    credential,
    because: [because('holds the certificate', object, path)],
  }
}

function groupText(groups: readonly string[]): string {
  const told = groups.filter((group) => group !== 'system:authenticated')
  return told.length === 0 ? '' : ` with the groups ${told.slice(0, 5).join(', ')}${told.length > 5 ? ' and more' : ''}`
}

function mintedHolding(minted: Minted): Holding {
  const { account, credential, until, used, times } = minted
  const often = credential === '' && times > 1 ? ` (${times} times)` : ''
  return {
    ...recorded(
      'minted-token',
      `a token of service account ${account}${often}${usedText(minted)}`,
      minted,
      'remaining',
    ),
    account: `sa:${account}`,
    ...(credential === '' ? {} : { credential }),
    ...(until === undefined ? {} : { until }),
    ...(used ? { last: used.last } : {}),
  }
}

function usedText({ used }: Minted): string {
  return used ? `, used ${used.times === 1 ? 'once' : `${used.times} times`}` : ''
}

function secretHoldings({ cluster }: Held, { secrets }: Trace): readonly Holding[] {
  return [...secrets.all].map(([key, tally]) => {
    const [namespace = '', name = ''] = key.split('/')
    const secret = name === '' || name === '*' ? undefined : cluster.get(idOf('Secret', namespace, name))
    const what =
      key === '*'
        ? 'all Secrets of the cluster'
        : name === '*'
          ? `all Secrets of namespace ${namespace}`
          : `Secret ${key}`
    return {
      ...recorded('secret-read', `knows ${what}${secret ? kindOfSecret(secret) : ''}`, tally, 'remaining'),
      ...(secret ? { because: [because('was read', secret)] } : {}),
    }
  })
}

/** What a Secret opens, as far as its type and the names of its keys tell. */
function kindOfSecret({ body }: KubeObject): string {
  const type = string(at(body, 'type')) ?? ''
  if (type === 'kubernetes.io/service-account-token') return ', the token of a service account, which does not expire'
  if (type === 'bootstrap.kubernetes.io/token') return ', by which nodes join'
  const data = field(body, 'data')
  const keys = isObject(data) ? Object.keys(data) : []
  return keys.some((key) => /kubeconfig/i.test(key) || key === 'admin.conf') ? ', which holds a kubeconfig' : ''
}
