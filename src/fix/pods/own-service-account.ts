import type { Edit } from '../../cluster/edit/change.ts'
import { hash8, hash53 } from '../../cluster/hash.ts'
import { at, boolean, field, isObject, type JsonObject, list, object, string } from '../../cluster/json.ts'
import { annotationsOf, idOf, idParts, type KubeObject } from '../../cluster/object.ts'
import type { Workload } from '../../cluster/workload.ts'
import type { Change, Fix, FixContext, Proposer } from '../fix.ts'
import { fixId } from './fix-id.ts'
import { surveyOf } from './survey.ts'
import { changesOf, nameOf, type Shown, type Template, templateNotes, templateOf } from './template.ts'
import { byId } from './without.ts'

/**
 * A workload that runs as `default`, or as an account that another application uses too, gets an account of its own
 * without rights. Only where the account has rights of its own, and history does not show them used: then what is used
 * of them is worth knowing first, and reducing them is the better fix.
 */
export const ownServiceAccount: Proposer = {
  kind: 'own-service-account',
  propose(context) {
    const { withToken, strong } = surveyOf(context)
    const users = usersOf(context)
    return byId(
      [...withToken].flatMap(([workload, steps]): readonly Fix[] => {
        if (!steps.some(({ to }) => strong.has(to))) return []
        const template = templateOf(workload)
        const names = new Set(template?.pods.map((pod) => pod.serviceAccountName))
        const [name] = names
        // A custom resource whose templates run as several has each for a reason.
        if (!template || name === undefined || names.size > 1) return []
        const old = idOf('ServiceAccount', workload.namespace, name)
        if (!strong.has(old) || (name !== 'default' && !isShared(context, users.get(old) ?? []))) return []
        if ((context.used?.rights(old)?.length ?? 0) > 0) return []
        return ownAccount(context, template, old, users)
      }),
    )
  },
}

type Users = ReadonlyMap<string, readonly Workload[]>

/** The workloads of each service account. */
function usersOf({ cluster }: FixContext): Users {
  const users = new Map<string, Workload[]>()
  for (const workload of cluster.workloads) {
    if (workload.finished) continue
    for (const name of new Set(workload.specs.map(({ pod }) => pod.serviceAccountName))) {
      const id = idOf('ServiceAccount', workload.namespace, name)
      const same = users.get(id)
      if (same) same.push(workload)
      else users.set(id, [workload])
    }
  }
  return users
}

function isShared({ applications }: FixContext, users: readonly Workload[]): boolean {
  return new Set(users.map(({ id }) => applications.applicationOf(id)?.id ?? id)).size > 1
}

function ownAccount(context: FixContext, template: Template, old: string, users: Users): readonly Fix[] {
  const { workload } = template
  const name = freeName(context, workload, users)
  if (name === undefined) return []
  const before = context.cluster.get(old)
  const account = accountOf(name, template, before)
  const { name: oldName } = idParts(old)
  const changes: readonly Change[] = [
    { action: 'add', object: account },
    ...changesOf(context.cluster, template, (shown) => accountEdits(shown, name, oldName)),
  ]
  if (changes.length === 1) return []
  const clouds = [...annotationsOf(before?.body ?? {}).keys()].filter((key) => key.includes('/')).sort()
  const notes = [
    `The new service account has none of the rights of ${oldName}: bind it to a role if the workload calls the API server.`,
    ...(clouds.length > 0
      ? [`Annotations of ${oldName} were not taken over (a role in a cloud may hang on one): ${clouds.join(', ')}.`]
      : []),
    ...templateNotes(template),
  ]
  return [
    {
      id: fixId('own-service-account', workload.id),
      kind: 'own-service-account',
      title: `Give ${nameOf(workload)} its own service account`,
      changes,
      witness: 'token',
      serves: workload.id,
      notes,
    },
  ]
}

function accountEdits({ object: shown, pod }: Shown, name: string, oldName: string): readonly Edit[] {
  // What already runs as another account is no pod of the template as it is now.
  if (pod.serviceAccountName !== oldName) return []
  const edits: Edit[] = [{ op: 'set', path: [...pod.path, 'serviceAccountName'], value: name }]
  // The deprecated field must say the same, or nothing.
  if (at(shown.body, ...pod.path, 'serviceAccount') !== undefined)
    edits.push({ op: 'remove', path: [...pod.path, 'serviceAccount'] })
  return edits
}

/** Names of service accounts are DNS subdomains. */
const MOST = 253

/** A name that no account has, no pod runs as, and no binding names: one of those would bring rights with it. */
function freeName({ cluster, policy }: FixContext, workload: Workload, users: Users): string | undefined {
  const { namespace, id } = workload
  const kind = workload.kind.toLowerCase()
  const isFree = (name: string): boolean => {
    const account = idOf('ServiceAccount', namespace, name)
    return !cluster.get(account) && !users.has(account) && policy.bindingsOf(account).length === 0
  }
  const stem = subdomain(workload.name.replace(/\*.*$/, ''), MOST) || kind
  const hash = hash8([hash53(id)])
  const isOnly = namesakes(cluster.workloads).get(`${namespace}/${workload.name}`) === 1 && stem === workload.name
  const names = [
    ...(isOnly ? [stem] : []),
    `${subdomain(stem, MOST - kind.length - 1)}-${subdomain(kind, MOST)}`,
    `${subdomain(stem, MOST - hash.length - 1)}-${hash}`,
  ]
  return names.find(isFree)
}

function subdomain(text: string, most: number): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replaceAll(/\.(?=[.-])|-(?=\.)/g, '')
    .slice(0, most)
    .replaceAll(/^[.-]+|[.-]+$/g, '')
}

const counted = new WeakMap<readonly Workload[], ReadonlyMap<string, number>>()

/** How many workloads of a namespace have one name: a Deployment and a Job may. */
function namesakes(workloads: readonly Workload[]): ReadonlyMap<string, number> {
  const before = counted.get(workloads)
  if (before) return before
  const counts = new Map<string, number>()
  for (const { namespace, name } of workloads) {
    const key = `${namespace}/${name}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  counted.set(workloads, counts)
  return counts
}

/** With what pods take over from their account: its pull secrets, and whether a token is mounted. */
function accountOf(name: string, { object: owner, workload }: Template, before: KubeObject | undefined): KubeObject {
  const { namespace } = workload
  // An object that is placed by `-n` stays with those that are.
  const placed = string(at(owner.body, 'metadata', 'namespace'))
  const automount = boolean(field(before?.body, 'automountServiceAccountToken'))
  const pullSecrets = list(field(before?.body, 'imagePullSecrets')).filter(isObject)
  const body: JsonObject = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, ...(placed === undefined ? {} : { namespace: placed }) },
    ...(automount === undefined ? {} : { automountServiceAccountToken: automount }),
    ...(pullSecrets.length > 0 ? { imagePullSecrets: pullSecrets.map(object) } : {}),
  }
  return {
    id: idOf('ServiceAccount', namespace, name),
    group: '',
    version: 'v1',
    kind: 'ServiceAccount',
    namespace,
    name,
    body,
  }
}
