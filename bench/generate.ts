/**
 * Clusters of any size, the same on every run: 40 % workloads, half the namespaces with NetworkPolicies, bindings a fifth
 * of the objects, one service account in twenty may exec, a few of the usual mistakes.
 */

/** A small generator of numbers (mulberry32), so that no run differs from another. */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296
  }
}

type Document = Record<string, unknown>

const NAMESPACE_SIZE = 100

/** The objects of a cluster, `count` of them. */
export function* cluster(count: number): Generator<Document> {
  const next = random(count)
  const namespaces = Math.max(1, Math.round(count / NAMESPACE_SIZE))
  let left = count
  for (let at = 0; at < namespaces; at++) {
    const size = Math.round(left / (namespaces - at))
    left -= size
    yield* namespace(`team-${at}`, at, size, next)
  }
}

function* namespace(name: string, at: number, size: number, next: () => number): Generator<Document> {
  const isGuarded = at % 2 === 0
  yield object(
    'v1',
    'Namespace',
    '',
    name,
    {},
    { team: `team-${at % 7}`, ...(at % 3 === 0 ? { 'pod-security.kubernetes.io/enforce': 'baseline' } : {}) },
  )
  const workloads = Math.round(size * 0.4)
  const policies = isGuarded ? Math.round(size * 0.1) : 0
  const bindings = Math.round(size * 0.2)
  const roles = Math.min(bindings, READ_ROLES + 1)
  for (let app = 0; app < workloads; app++) yield workload(name, app, next)
  for (let app = 0; app < workloads / 4; app++)
    yield object('v1', 'Service', name, `app-${app}`, {
      spec: {
        selector: { app: `app-${app}` },
        ports: [{ port: 80, targetPort: 'http' }],
        ...(app === 0 ? { type: 'LoadBalancer' } : {}),
      },
    })
  for (let policy = 0; policy < policies; policy++) yield networkPolicy(name, policy, workloads)
  for (let role = 0; role < roles; role++) yield roleOf(name, role)
  for (let binding = 0; binding < bindings; binding++) yield bindingOf(name, `app-${binding * 2}`, binding, at, next)
  const rest = size - 1 - workloads - Math.ceil(workloads / 4) - policies - roles - bindings
  for (let secret = 0; secret < rest; secret++)
    yield secret % 2 === 0
      ? object('v1', 'Secret', name, `secret-${secret}`, { type: 'Opaque', data: { key: 'bm90IGEgc2VjcmV0' } })
      : object('v1', 'ConfigMap', name, `config-${secret}`, { data: { 'app.yaml': 'listen: 8080\nlog: info\n' } })
}

function object(
  apiVersion: string,
  kind: string,
  namespaceName: string,
  name: string,
  body: Document,
  labels: Record<string, string> = {},
): Document {
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespaceName === '' ? {} : { namespace: namespaceName }), labels },
    ...body,
  }
}

function workload(ns: string, app: number, next: () => number): Document {
  const name = `app-${app}`
  const labels = { app: name, 'app.kubernetes.io/part-of': `suite-${Math.floor(app / 4)}` }
  const draw = next()
  const isDaemon = draw < 0.03
  const isSet = !isDaemon && draw < 0.12
  const volumes = isDaemon && next() < 0.2 ? { volumes: [{ name: 'host', hostPath: { path: '/var/log' } }] } : {}
  const container = {
    name: 'main',
    image: `registry.example.net/${ns}/${name}:1.${app}`,
    ports: [{ name: 'http', containerPort: 8080 }],
    env: [
      { name: 'UPSTREAM_URL', value: `http://app-${Math.floor(next() * 10)}:80` },
      { name: 'LOG_LEVEL', value: 'info' },
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'KEY', valueFrom: { secretKeyRef: { name: `secret-${2 * Math.floor(next() * 5)}`, key: 'key' } } },
    ],
    resources: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '50m', memory: '64Mi' } },
    imagePullPolicy: 'IfNotPresent',
    livenessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 5, timeoutSeconds: 2 },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...(isDaemon && app % 2 === 0
      ? { securityContext: { privileged: true } }
      : { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }),
    ...('volumes' in volumes ? { volumeMounts: [{ name: 'host', mountPath: '/host' }] } : {}),
  }
  const spec = {
    selector: { matchLabels: { app: name } },
    ...(isDaemon ? {} : { replicas: 2 }),
    template: {
      metadata: {
        labels,
        annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080', 'prometheus.io/path': '/metrics' },
      },
      spec: {
        dnsPolicy: 'ClusterFirst',
        terminationGracePeriodSeconds: 30,
        securityContext: { fsGroup: 2000, seccompProfile: { type: 'RuntimeDefault' } },
        serviceAccountName: app % 2 === 0 ? name : 'default',
        containers: [container],
        ...volumes,
      },
    },
    ...(isSet
      ? {
          serviceName: name,
          volumeClaimTemplates: [
            {
              metadata: { name: 'data' },
              spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
            },
          ],
        }
      : {}),
  }
  return object('apps/v1', isDaemon ? 'DaemonSet' : isSet ? 'StatefulSet' : 'Deployment', ns, name, { spec }, labels)
}

function networkPolicy(ns: string, at: number, workloads: number): Document {
  if (at === 0)
    return object('networking.k8s.io/v1', 'NetworkPolicy', ns, 'default-deny', {
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    })
  if (at === 1)
    return object('networking.k8s.io/v1', 'NetworkPolicy', ns, 'dns', {
      spec: {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: 'UDP' }] }],
      },
    })
  const target = { matchLabels: { app: `app-${at % workloads}` } }
  const source = { podSelector: { matchLabels: { app: `app-${(at * 7) % workloads}` } } }
  const spec =
    at % 2 === 0
      ? { podSelector: target, ingress: [{ from: [source], ports: [{ port: 'http' }] }] }
      : { podSelector: target, policyTypes: ['Egress'], egress: [{ to: [source], ports: [{ port: 8080 }] }] }
  return object('networking.k8s.io/v1', 'NetworkPolicy', ns, `policy-${at}`, { spec })
}

const RBAC = 'rbac.authorization.k8s.io'
const READ_ROLES = 4

/** The first role of a namespace may exec, the others read. */
function roleOf(ns: string, at: number): Document {
  const rules =
    at === 0
      ? [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] }]
      : [{ apiGroups: [''], resources: ['configmaps', 'endpoints'], verbs: ['get', 'list', 'watch'] }]
  return object(`${RBAC}/v1`, 'Role', ns, `role-${at}`, { rules })
}

/** Of twenty service accounts of a namespace one may exec. */
function bindingOf(ns: string, account: string, at: number, namespaceAt: number, next: () => number): Document {
  const subject =
    next() < 0.9
      ? { kind: 'ServiceAccount', name: account, namespace: ns }
      : { kind: 'User', name: `person-${Math.floor(next() * 50)}@example.net`, apiGroup: RBAC }
  if (at === 0 && namespaceAt % 25 === 0)
    return object(`${RBAC}/v1`, 'ClusterRoleBinding', '', `wide-${ns}`, {
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'view' },
      subjects: [subject],
    })
  const role = at % 20 === namespaceAt % 20 ? 0 : 1 + (at % READ_ROLES)
  return object(`${RBAC}/v1`, 'RoleBinding', ns, `binding-${at}`, {
    roleRef: { apiGroup: RBAC, kind: 'Role', name: `role-${role}` },
    subjects: [subject],
  })
}

/** Pods without an owner: no cheaper text makes a workload. */
export function* barePods(count: number): Generator<Document> {
  for (let at = 0; at < count; at++)
    yield {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p${at}` },
      spec: { containers: [{ name: 'c', image: 'x' }] },
    }
}

/** The live objects of a cluster of `pods` pods: a List as `kubectl get -A -o json` writes it, with status and bookkeeping. */
export function* snapshot(pods: number): Generator<Document> {
  const next = random(pods)
  const workloads = Math.round(pods / 10)
  const nodes = Math.max(1, Math.round(pods / 30))
  for (let at = 0; at < nodes; at++)
    yield object(
      'v1',
      'Node',
      '',
      `node-${at}`,
      { spec: {}, status: { nodeInfo: { kubeletVersion: 'v1.36.1' }, images: [{ names: ['a'.repeat(200)] }] } },
      { 'kubernetes.io/os': 'linux', 'cloud.google.com/gke-nodepool': `pool-${at % 5}` },
    )
  const namespaces = Math.max(1, Math.round(workloads / 50))
  for (let at = 0; at < namespaces; at++)
    yield object('v1', 'Namespace', '', `team-${at}`, { status: { phase: 'Active' } })
  for (let at = 0; at < workloads; at++) {
    const ns = `team-${at % namespaces}`
    const template = workload(ns, at, next)
    yield template
    yield object('v1', 'ServiceAccount', ns, `app-${at}`, {})
    if (at % 2 === 0) yield object('v1', 'ServiceAccount', ns, `job-${at}`, {})
    const place = Math.floor(at / namespaces)
    if (place <= READ_ROLES) yield roleOf(ns, place)
    yield bindingOf(ns, `app-${at}`, place, at % namespaces, next)
    for (let pod = 0; pod < 10; pod++) yield livePod(template, ns, at, pod, nodes, next)
  }
}

function livePod(
  template: Document,
  ns: string,
  app: number,
  pod: number,
  nodes: number,
  next: () => number,
): Document {
  const { spec } = template as { spec: { template: { metadata: { labels: Record<string, string> }; spec: Document } } }
  const kind = (template as { kind: string }).kind
  const hash = (app * 7919).toString(16).padStart(8, '0').slice(0, 8)
  const name =
    kind === 'StatefulSet'
      ? `app-${app}-${pod}`
      : kind === 'DaemonSet'
        ? `app-${app}-${hash.slice(3)}${pod}`
        : `app-${app}-${hash}-${pod}abcd`
  const owner =
    kind === 'Deployment' ? { kind: 'ReplicaSet', name: `app-${app}-${hash}` } : { kind, name: `app-${app}` }
  const token = `kube-api-access-${pod}abcd`.slice(0, 21)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: ns,
      uid: `00000000-0000-4000-8000-${String(app * 10 + pod).padStart(12, '0')}`,
      labels: { ...spec.template.metadata.labels, 'pod-template-hash': hash },
      ownerReferences: [{ apiVersion: 'apps/v1', ...owner, uid: '1', controller: true, blockOwnerDeletion: true }],
      managedFields: [
        {
          manager: 'kube-controller-manager',
          operation: 'Update',
          apiVersion: 'v1',
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
            'f:spec': {
              'f:containers': { 'k:{"name":"main"}': { '.': {}, 'f:image': {}, 'f:env': {}, 'f:ports': {} } },
            },
          },
        },
      ],
    },
    spec: {
      ...spec.template.spec,
      nodeName: `node-${Math.floor(next() * nodes)}`,
      volumes: [
        ...((spec.template.spec.volumes as unknown[]) ?? []),
        { name: token, projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
      ],
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
    },
    status: {
      phase: 'Running',
      podIP: `10.${app >> 8}.${app & 255}.${pod}`,
      startTime: '2026-11-01T00:00:00Z',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [
        {
          name: 'main',
          ready: true,
          restartCount: 0,
          image: 'registry.example.net/a',
          imageID: `sha256:${'0'.repeat(64)}`,
          containerID: `containerd://${'0'.repeat(64)}`,
          state: { running: { startedAt: '2026-11-01T00:00:01Z' } },
        },
      ],
    },
  }
}
