import { random } from './generate.ts'
import { writeLines } from './write.ts'

/**
 * Audit logs and flow logs of the clusters of generate.ts, over fourteen days, the same on every run. Nearly all of it is
 * what their roles and network policies allow: one request and one connection in fifty is not.
 */
const FIRST = Date.parse('2026-11-02T00:00:00Z')
const SPAN_MS = 14 * 86_400_000
const REFUSED = 0.02
/** Subjects that ask the API server for anything, nodes included. */
const SUBJECTS = 200

interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly labels?: Readonly<Record<string, string>>
}

interface Template {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> }
  readonly spec: {
    readonly containers: readonly { readonly env?: readonly { readonly name: string; readonly value?: string }[] }[]
  }
}

/** What generate.ts writes, as far as it is read here. */
interface Document {
  readonly kind: string
  readonly metadata: Metadata
  readonly spec?: {
    readonly template?: Template
    readonly nodeName?: string
  }
  readonly status?: { readonly podIP?: string }
  readonly rules?: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[]
  readonly roleRef?: { readonly kind: string; readonly name: string }
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[]
}

interface Pod {
  readonly name: string
  readonly uid: string
  readonly address: string
  readonly node: string
}

interface Workload {
  readonly namespace: string
  readonly name: string
  readonly kind: string
  readonly labels: Readonly<Record<string, string>>
  /** `app-3` of its own namespace. */
  readonly upstream: string
  readonly pods: Pod[]
}

interface Survey {
  readonly workloads: readonly Workload[]
  readonly byName: ReadonlyMap<string, Workload>
  /** Namespaces that a policy denies by default. */
  readonly guarded: ReadonlySet<string>
  readonly subjects: readonly Subject[]
}

interface Subject {
  readonly user: string
  readonly namespace: string
  readonly workload: Workload | undefined
  readonly reason: string
  readonly rights: readonly { readonly resource: string; readonly verb: string }[]
}

export function writeAudit(path: string, count: number, documents: Iterable<object>): void {
  const draw = random(count)
  const { subjects, workloads } = survey(documents)
  const callers = [...subjects, ...nodesOf(workloads, SUBJECTS - subjects.length)].map((subject) =>
    callerOf(subject, draw),
  )
  writeLines(path, count, (index) => {
    const caller = pick(callers, draw)
    const isRefused = draw() < REFUSED
    const { resource, verb } = pick(isRefused ? FORBIDDEN : caller.subject.rights, draw)
    const [plain = '', subresource = ''] = resource.split('/')
    const { namespace } = caller.subject
    const isNamed = verb === 'get' || verb === 'patch' || verb === 'update' || subresource !== ''
    const name = isNamed ? `${plain.slice(0, -1)}-${Math.floor(draw() * 40)}` : ''
    const query = verb === 'list' ? '?limit=500' : verb === 'watch' ? '?allowWatchBookmarks=true&watch=true' : ''
    const uri = `/api/v1/namespaces/${namespace}/${plain}${isNamed ? `/${name}` : ''}${subresource === '' ? '' : `/${subresource}`}${query}`
    const ref = `{"resource":"${plain}","namespace":"${namespace}"${isNamed ? `,"name":"${name}"` : ''},"apiVersion":"v1"${subresource === '' ? '' : `,"subresource":"${subresource}"`}}`
    const time = FIRST + Math.floor((index / count) * SPAN_MS)
    const end = verb === 'watch' ? time + 400_000 : time + 7
    const status = isRefused
      ? DENIED
      : subresource === 'exec'
        ? '{"metadata":{},"code":101}'
        : '{"metadata":{},"code":200}'
    return `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"${uuid(draw)}","stage":"ResponseComplete","requestURI":"${uri}","verb":"${verb}",${caller.json},"objectRef":${ref},"responseStatus":${status},"requestReceivedTimestamp":"${stamp(time)}123Z","stageTimestamp":"${stamp(end)}456Z","annotations":${isRefused ? FORBID : caller.allow}}`
  })
}

const FORBIDDEN = [
  { resource: 'secrets', verb: 'update' },
  { resource: 'pods', verb: 'delete' },
] as const
const DENIED = '{"metadata":{},"status":"Failure","message":"forbidden","reason":"Forbidden","code":403}'
const FORBID = '{"authorization.k8s.io/decision":"forbid","authorization.k8s.io/reason":""}'

interface Caller {
  readonly subject: Subject
  readonly json: string
  readonly allow: string
}

function callerOf(subject: Subject, draw: () => number): Caller {
  const { user, workload, reason } = subject
  const [, , namespace] = user.split(':')
  const isAccount = user.startsWith('system:serviceaccount:')
  const pod = workload?.pods[0]
  const groups = isAccount
    ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
    : [user.startsWith('system:node:') ? 'system:nodes' : 'shop:developers', 'system:authenticated']
  const extra = {
    'authentication.kubernetes.io/credential-id': [
      isAccount ? `JTI=${uuid(draw)}` : `X509SHA256=${uuid(draw).replaceAll('-', '')}`,
    ],
    ...(pod
      ? {
          'authentication.kubernetes.io/node-name': [pod.node],
          'authentication.kubernetes.io/node-uid': [uuid(draw)],
          'authentication.kubernetes.io/pod-name': [pod.name],
          'authentication.kubernetes.io/pod-uid': [pod.uid],
        }
      : {}),
  }
  const told = {
    user: { username: user, uid: uuid(draw), groups, extra },
    sourceIPs: [pod?.address ?? '198.51.100.20'],
    userAgent: isAccount
      ? `${workload?.name ?? 'job'}/v1.4.2 (linux/amd64) client-go/v0.36.1`
      : 'kubectl/v1.36.1 (darwin/arm64) kubernetes/8d3c1f2',
  }
  const decision = { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': reason }
  return { subject, json: JSON.stringify(told).slice(1, -1), allow: JSON.stringify(decision) }
}

export function writeFlows(path: string, count: number, documents: Iterable<object>): void {
  const draw = random(count + 1)
  const { workloads, byName, guarded } = survey(documents)
  const called = (from: Workload): Workload | undefined =>
    from.upstream === from.name ? undefined : byName.get(`${from.namespace}/${from.upstream}`)
  const isOpen = ({ namespace }: Workload): boolean => !guarded.has(namespace)
  const open = workloads.filter((each) => isOpen(each) && called(each))
  const shut = workloads.filter((each) => !isOpen(each) && called(each))
  const ends = new Map<Pod, string>()
  const endOf = (workload: Workload, pod: Pod): string => {
    const known = ends.get(pod)
    if (known !== undefined) return known
    const made = endpoint(workload, pod)
    ends.set(pod, made)
    return made
  }
  writeLines(path, count, (index) => {
    const time = `${stamp(FIRST + Math.floor((index / count) * SPAN_MS))}${String(index % 1_000_000).padStart(6, '0')}Z`
    const isDropped = shut.length > 0 && (open.length === 0 || draw() < REFUSED)
    const client = pick(isDropped ? shut : open, draw)
    const server = called(client) as Workload
    const to = pick(server.pods, draw)
    // One in ten is a probe of the kubelet.
    const isProbe = !isDropped && draw() < 0.1
    const from = pick(client.pods, draw)
    const source = isProbe ? HOST : endOf(client, from)
    const port = 32_768 + Math.floor(draw() * 28_000)
    const isReply = !isDropped && !isProbe && draw() < 0.3
    const address = isProbe ? '172.20.0.9' : from.address
    const ends = isReply
      ? `"IP":{"source":"${to.address}","destination":"${address}","ipVersion":"IPv4"},"l4":{"TCP":{"source_port":8080,"destination_port":${port},"flags":{"SYN":true,"ACK":true}}},"source":${endOf(server, to)},"destination":${source}`
      : `"IP":{"source":"${address}","destination":"${to.address}","ipVersion":"IPv4"},"l4":{"TCP":{"source_port":${port},"destination_port":8080,"flags":{"SYN":true}}},"source":${source},"destination":${endOf(server, to)}`
    const verdict = isDropped ? '"verdict":"DROPPED","drop_reason_desc":"POLICY_DENIED"' : '"verdict":"FORWARDED"'
    return `{"flow":{"time":"${time}","uuid":"${uuid(draw)}",${verdict},${ends},"Type":"L3_L4","node_name":"${to.node}","event_type":{"type":4},"traffic_direction":"INGRESS","is_reply":${isReply}},"node_name":"${to.node}","time":"${time}"}`
  })
}

const HOST = '{"identity":1,"labels":["reserved:host"]}'

function endpoint({ namespace, name, kind, labels }: Workload, pod: Pod): string {
  return JSON.stringify({
    identity: 16_384 + (Number.parseInt(pod.uid.slice(-6), 10) % 40_000),
    namespace,
    labels: [`k8s:app=${labels.app}`],
    pod_name: pod.name,
    workloads: [{ name, kind }],
  })
}

/** Takes from each document what is needed and lets go of it: pods are many. They come after what they are of. */
function survey(documents: Iterable<object>): Survey {
  const byName = new Map<string, Workload>()
  const guarded = new Set<string>()
  const roles = new Map<string, Document>()
  const bindings: Document[] = []
  for (const document of documents as Iterable<Document>) {
    const { kind, metadata, spec, status } = document
    const { name, namespace = '' } = metadata
    if (spec?.template) byName.set(`${namespace}/${name}`, workloadOf(kind, namespace, name, spec.template))
    else if (kind === 'NetworkPolicy' && name === 'default-deny') guarded.add(namespace)
    else if (kind === 'Role') roles.set(`${namespace}/${name}`, document)
    else if (kind === 'RoleBinding') bindings.push(document)
    if (kind !== 'Pod') continue
    // `app-7-0012ab34-1abcd`, `app-7-1`.
    const [, app = ''] = /^(app-\d+)-/.exec(name) ?? []
    const pod = { name, uid: metadata.uid ?? '', address: status?.podIP ?? '', node: spec?.nodeName ?? '' }
    byName.get(`${namespace}/${app}`)?.pods.push(pod)
  }
  const workloads = [...byName.values()]
  workloads.forEach((workload, at) => {
    if (workload.pods.length === 0) workload.pods.push(...madeUp(workload, at))
  })
  return { workloads, byName, guarded, subjects: subjectsOf(bindings, roles, byName) }
}

function workloadOf(kind: string, namespace: string, name: string, { metadata, spec }: Template): Workload {
  const env = spec.containers[0]?.env?.find((each) => each.name === 'UPSTREAM_URL')?.value ?? ''
  const [, upstream = ''] = /^http:\/\/([^:]+):/.exec(env) ?? []
  return {
    namespace,
    name,
    kind,
    labels: metadata.labels,
    upstream,
    pods: [],
  }
}

/** A cluster of manifests has no pods: two for each workload. */
function madeUp({ name, kind }: Workload, at: number): readonly Pod[] {
  return [0, 1].map((pod) => ({
    name:
      kind === 'StatefulSet'
        ? `${name}-${pod}`
        : kind === 'DaemonSet'
          ? `${name}-bcdf${pod + 4}`
          : `${name}-6d4cf56db6-bcdf${pod + 4}`,
    uid: `00000000-0000-4000-8000-${String(at * 10 + pod).padStart(12, '0')}`,
    address: `10.${128 + (at >> 15)}.${(at >> 7) & 255}.${(at & 127) * 2 + pod}`,
    node: `node-${at % 50}`,
  }))
}

function subjectsOf(
  bindings: readonly Document[],
  roles: ReadonlyMap<string, Document>,
  byName: ReadonlyMap<string, Workload>,
): readonly Subject[] {
  // From all over the cluster.
  const stride = Math.max(1, Math.floor(bindings.length / (SUBJECTS * 0.8)))
  const chosen = bindings.filter((_, at) => at % stride === 0).slice(0, SUBJECTS * 0.8)
  return chosen.flatMap(({ metadata, roleRef, subjects }) => {
    const { name, namespace = '' } = metadata
    const [subject] = subjects ?? []
    const role = roles.get(`${namespace}/${roleRef?.name}`)
    if (!subject || !role) return []
    const isAccount = subject.kind === 'ServiceAccount'
    const rules = role.rules ?? []
    return {
      user: isAccount ? `system:serviceaccount:${subject.namespace}:${subject.name}` : subject.name,
      namespace,
      workload: isAccount ? byName.get(`${namespace}/${subject.name}`) : undefined,
      reason: `RBAC: allowed by RoleBinding "${name}/${namespace}" of Role "${role.metadata.name}" to ${subject.kind} "${subject.name}${isAccount ? `/${namespace}` : ''}"`,
      rights: rules.flatMap(({ resources, verbs }) =>
        resources.flatMap((resource) => verbs.map((verb) => ({ resource, verb }))),
      ),
    }
  })
}

/** The Node authorizer allows a node what is of its pods. */
function nodesOf(workloads: readonly Workload[], most: number): readonly Subject[] {
  const places = new Map(workloads.flatMap(({ namespace, pods }) => pods.map(({ node }) => [node, namespace] as const)))
  return [...places].slice(0, Math.max(1, most)).map(([node, namespace]) => ({
    user: `system:node:${node}`,
    namespace,
    workload: undefined,
    reason: '',
    rights: [
      { resource: 'pods/status', verb: 'patch' },
      { resource: 'configmaps', verb: 'get' },
    ],
  }))
}

function pick<T>(all: readonly T[], draw: () => number): T {
  return all[Math.floor(draw() * all.length)] as T
}

function hex(draw: () => number): string {
  return Math.floor(draw() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0')
}

function uuid(draw: () => number): string {
  const [a, b] = [hex(draw), hex(draw)]
  return `${hex(draw)}-${a.slice(0, 4)}-4${a.slice(5)}-a${b.slice(0, 3)}-${b.slice(4)}${hex(draw)}`
}

/** To milliseconds, without the zone. */
function stamp(time: number): string {
  return new Date(time).toISOString().slice(0, -1)
}
