/**
 * Applications of four objects (a workload, a Service, a ServiceAccount or ConfigMap, a NetworkPolicy or binding), half of
 * them hardened, half with three to nine of 25 planted faults: what a checker of workloads meets. The same for every run.
 */
export function* planted(objects: number): Generator<object> {
  for (let index = 0; index < objects / 4; index++) yield* application(index)
}

const KINDS = ['Deployment', 'Deployment', 'Deployment', 'Deployment', 'Deployment', 'Deployment', 'Deployment']
const OTHERS = ['StatefulSet', 'DaemonSet', 'CronJob']

/** A number from 0 to `below` that depends on what it is for; Knuth's multiplicative hash. */
function pick(index: number, salt: number, below: number): number {
  return (Math.imul(index + 1, 2654435761 + salt * 40503) >>> 8) % below
}

interface Draft {
  container: Record<string, unknown> & { securityContext: Record<string, unknown>; env: object[] }
  spec: Record<string, unknown>
  replicas: number
}

const FAULTS: readonly ((draft: Draft) => void)[] = [
  ({ container }) => set(container.securityContext, 'privileged', true),
  ({ container }) => set(container.securityContext, 'allowPrivilegeEscalation', true),
  ({ container }) => set(container.securityContext, 'runAsNonRoot', false),
  ({ container }) => set(container.securityContext, 'runAsUser', 0),
  ({ container }) => set(container.securityContext, 'readOnlyRootFilesystem', false),
  ({ container }) => set(container.securityContext, 'capabilities', { add: ['SYS_ADMIN'] }),
  ({ container }) => set(container.securityContext, 'capabilities', { drop: ['ALL'], add: ['NET_RAW'] }),
  ({ container }) => set(container.securityContext, 'seccompProfile', { type: 'Unconfined' }),
  ({ container }) => set(container, 'image', 'registry.example.net/shop/app'),
  ({ container }) => set(container, 'image', 'registry.example.net/shop/app:latest'),
  ({ container }) => set(container, 'resources', {}),
  ({ container }) => set(container, 'resources', { requests: { cpu: '100m', memory: '64Mi' } }),
  ({ container }) => set(container, 'livenessProbe', undefined),
  ({ container }) => set(container, 'readinessProbe', undefined),
  ({ container }) => set(container, 'ports', [{ containerPort: 8080, hostPort: 8080 }]),
  ({ container }) => container.env.push({ name: 'DB_PASSWORD', value: 'hunter2-hunter2' }),
  ({ spec }) => set(spec, 'hostNetwork', true),
  ({ spec }) => set(spec, 'hostPID', true),
  ({ spec }) => set(spec, 'hostIPC', true),
  ({ spec }) => set(spec, 'volumes', [{ name: 'host', hostPath: { path: '/var/run/docker.sock' } }]),
  ({ spec }) => set(spec, 'volumes', [{ name: 'host', hostPath: { path: '/' } }]),
  ({ spec }) => set(spec, 'automountServiceAccountToken', true),
  ({ spec }) => set(spec, 'serviceAccountName', 'default'),
  ({ spec }) => set(spec, 'securityContext', { sysctls: [{ name: 'kernel.msgmax', value: '1' }] }),
  (draft) => {
    draft.replicas = 1
  },
]

function set(target: Record<string, unknown>, key: string, value: unknown): void {
  if (value === undefined) delete target[key]
  else target[key] = value
}

const ANNOTATIONS = {
  'prometheus.io/scrape': 'true',
  'prometheus.io/port': '8080',
  'prometheus.io/path': '/metrics',
  'example.net/runbook': 'https://runbooks.example.net/shop/what-to-do-when-it-does-not-answer',
}

function application(index: number): readonly object[] {
  const name = `app-${index}`
  const namespace = `team-${index % 100}`
  const metadata = {
    name,
    namespace,
    labels: {
      'app.kubernetes.io/name': name,
      'app.kubernetes.io/instance': name,
      'app.kubernetes.io/part-of': `suite-${index % 50}`,
      'app.kubernetes.io/managed-by': 'deploy',
    },
    annotations: { 'example.net/owner': `team-${index % 100}@example.net` },
  }
  const isHardened = index % 2 === 0
  const draft = hardened(name)
  if (!isHardened) {
    const count = 3 + pick(index, 1, 7)
    for (let each = 0; each < count; each++) FAULTS[pick(index, 2 + each, FAULTS.length)]?.(draft)
  }
  return [
    workload(index, metadata, draft),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: { 'app.kubernetes.io/name': name }, ports: [{ port: 80, targetPort: 8080 }] },
    },
    index % 3 === 0
      ? {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata,
          data: { 'app.properties': `log.level=info\nname=${name}\n`, ...(isHardened ? {} : { password: 'hunter2' }) },
        }
      : { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
    isHardened || index % 5 !== 0 ? networkPolicy(metadata, name) : adminBinding(metadata),
  ]
}

function hardened(name: string): Draft {
  const probe = { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 10 }
  return {
    replicas: 3,
    container: {
      name: 'main',
      image: `registry.example.net/shop/${name}:1.4.2`,
      imagePullPolicy: 'Always',
      ports: [{ name: 'http', containerPort: 8080 }],
      env: [
        { name: 'LOG_LEVEL', value: 'info' },
        { name: 'UPSTREAM', value: 'http://app-1:80' },
      ],
      resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
      volumeMounts: [{ name: 'cache', mountPath: '/var/cache/app' }],
      startupProbe: { ...probe, failureThreshold: 30 },
      livenessProbe: probe,
      readinessProbe: { ...probe, periodSeconds: 5 },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        runAsUser: 10001,
        capabilities: { drop: ['ALL'] },
      },
    },
    spec: {
      serviceAccountName: name,
      automountServiceAccountToken: false,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' }, fsGroup: 10001 },
      volumes: [{ name: 'cache', emptyDir: {} }],
    },
  }
}

interface Metadata {
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
}

function workload(index: number, metadata: Metadata, { container, spec, replicas }: Draft): object {
  const kind = [...KINDS, ...OTHERS][index % 10] as string
  const spread = { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' }
  const template = {
    metadata: { labels: metadata.labels, annotations: ANNOTATIONS },
    spec: {
      ...spec,
      terminationGracePeriodSeconds: 30,
      topologySpreadConstraints: [
        { ...spread, labelSelector: { matchLabels: { 'app.kubernetes.io/name': metadata.name } } },
      ],
      containers: [container],
    },
  }
  if (kind === 'CronJob') {
    const podSpec = { ...template.spec, restartPolicy: 'Never' }
    const jobTemplate = { spec: { template: { ...template, spec: podSpec } } }
    return { apiVersion: 'batch/v1', kind, metadata, spec: { schedule: '0 * * * *', jobTemplate } }
  }
  const selector = { matchLabels: { 'app.kubernetes.io/name': metadata.name } }
  const count = kind === 'DaemonSet' ? {} : { replicas }
  return { apiVersion: 'apps/v1', kind, metadata, spec: { ...count, selector, template } }
}

function networkPolicy(metadata: Metadata, name: string): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      podSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 8080 }] }],
      egress: [{ to: [{ podSelector: {} }] }],
    },
  }
}

function adminBinding({ name, namespace, labels }: Metadata): object {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name, labels },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  }
}
