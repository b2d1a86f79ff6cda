import { dump } from 'js-yaml'

/** For tests: small clusters in which many things are wrong, the same ones for the same seed. */

export function dice(seed: number): (sides: number) => number {
  let state = seed >>> 0
  return (sides) => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }
}

type Body = Record<string, unknown>

/** Documents of a cluster by the file that holds them. */
export function generatedCluster(seed: number): ReadonlyMap<string, string> {
  const roll = dice(seed)
  const pick = <T>(items: readonly T[]): T => items[roll(items.length)] as T
  const chance = (percent: number): boolean => roll(100) < percent
  const files = new Map<string, Body[]>()
  const put = (file: string, body: Body): void => {
    const same = files.get(file)
    if (same) same.push(body)
    else files.set(file, [body])
  }
  const namespaces = ['shop', 'pay', 'ops'].slice(0, 1 + roll(3))
  for (const name of namespaces) {
    if (chance(60)) put('namespaces.yaml', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    if (chance(30))
      put(`${name}/rbac.yaml`, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace: name },
      })
  }
  const accounts: { name: string; namespace: string }[] = []
  const names = ['web', 'api', 'db', 'queue', 'cron', 'agent', 'cache', 'mail'].slice(0, 2 + roll(7))
  for (const name of names) {
    const namespace = pick(namespaces)
    const file = chance(40) ? `${namespace}/all.yaml` : `${namespace}/${name}.yaml`
    const labels = { app: name }
    const volumes: Body[] = []
    const mounts: Body[] = []
    if (chance(20)) {
      volumes.push({ name: 'host', hostPath: { path: pick(['/', '/etc', '/var/log', '/var/run/docker.sock']) } })
      mounts.push({ name: 'host', mountPath: '/host', ...(chance(30) ? { readOnly: true } : {}) })
    }
    if (chance(25)) {
      put(file, {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: `${name}-data`, namespace },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      })
      volumes.push({ name: 'data', persistentVolumeClaim: { claimName: `${name}-data` } })
      mounts.push({ name: 'data', mountPath: '/data' })
    }
    const env: Body[] = []
    if (chance(40)) {
      put(file, { apiVersion: 'v1', kind: 'Secret', metadata: { name: `${name}-keys`, namespace }, type: 'Opaque' })
      env.push({ name: 'KEY', valueFrom: { secretKeyRef: { name: `${name}-keys`, key: 'key' } } })
    }
    if (chance(40)) env.push({ name: 'BACKEND', value: `http://${pick(names)}.${pick(namespaces)}:8080` })
    let serviceAccountName: string | undefined
    if (chance(50)) {
      serviceAccountName = chance(60) ? name : 'shared'
      if (!accounts.some((each) => each.name === serviceAccountName && each.namespace === namespace)) {
        accounts.push({ name: serviceAccountName, namespace })
        put(`${namespace}/rbac.yaml`, {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: serviceAccountName, namespace },
        })
      }
    } else if (!accounts.some((each) => each.name === 'default' && each.namespace === namespace))
      accounts.push({ name: 'default', namespace })
    const security: Body = {
      ...(chance(15) ? { privileged: true } : {}),
      ...(chance(15) ? { capabilities: { add: [pick(['SYS_ADMIN', 'SYS_PTRACE', 'NET_ADMIN'])] } } : {}),
    }
    const spec: Body = {
      ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
      ...(chance(12) ? { hostPID: true } : {}),
      ...(chance(8) ? { hostNetwork: true } : {}),
      ...(chance(15) ? { automountServiceAccountToken: false } : {}),
      containers: [
        {
          name,
          image: `registry.example.com/${name}:1`,
          ports: [{ containerPort: 8080 }],
          ...(env.length > 0 ? { env } : {}),
          ...(Object.keys(security).length > 0 ? { securityContext: security } : {}),
          ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
        },
        ...(chance(20) ? [{ name: 'sidecar', image: 'registry.example.com/sidecar:1' }] : []),
      ],
      ...(volumes.length > 0 ? { volumes } : {}),
    }
    const kind = pick(['Deployment', 'Deployment', 'Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Pod'])
    const template = { metadata: { labels }, spec }
    if (kind === 'Pod') put(file, { apiVersion: 'v1', kind, metadata: { name, namespace, labels }, spec })
    else if (kind === 'CronJob')
      put(file, {
        apiVersion: 'batch/v1',
        kind,
        metadata: { name, namespace },
        spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } } },
      })
    else
      put(file, {
        apiVersion: 'apps/v1',
        kind,
        metadata: { name, namespace, labels },
        spec: { selector: { matchLabels: labels }, template },
      })
    if (chance(70))
      put(file, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace },
        spec: {
          selector: labels,
          ports: [{ port: 8080 }],
          ...(chance(25) ? { type: pick(['LoadBalancer', 'NodePort']) } : {}),
        },
      })
    if (chance(15))
      put(file, {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name, namespace },
        spec: {
          podSelector: { matchLabels: labels },
          policyTypes: ['Ingress'],
          ingress: [{ from: [{ podSelector: {} }] }],
        },
      })
  }
  const rules = [
    [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }],
    [{ apiGroups: [''], resources: ['pods', 'pods/exec'], verbs: ['get', 'list', 'create'] }],
    [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'patch', 'create'] }],
    [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    [
      { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['get'] },
      {
        apiGroups: ['rbac.authorization.k8s.io'],
        resources: ['roles', 'rolebindings'],
        verbs: ['create', 'bind', 'escalate'],
      },
    ],
  ]
  const count = roll(5)
  for (let at = 0; at < count; at++) {
    const namespace = pick(namespaces)
    const isCluster = chance(40)
    const file = chance(50) ? 'cluster.yaml' : `${namespace}/rbac.yaml`
    const subjects = [
      ...(chance(70) && accounts.length > 0 ? [{ kind: 'ServiceAccount', ...pick(accounts) }] : []),
      ...(chance(30) ? [{ kind: 'User', name: pick(['alice', 'bob']), apiGroup: 'rbac.authorization.k8s.io' }] : []),
      ...(chance(15) ? [{ kind: 'Group', name: 'devs', apiGroup: 'rbac.authorization.k8s.io' }] : []),
    ]
    const role = isCluster ? 'ClusterRole' : 'Role'
    const scoped = isCluster ? {} : { namespace }
    put(file, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: role,
      metadata: { name: `r${at}`, ...scoped },
      rules: pick(rules),
    })
    const bindings = 1 + (chance(20) ? 1 : 0)
    for (let number = 0; number < bindings; number++)
      put(file, {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: `${role}Binding`,
        metadata: { name: `b${at}-${number}`, ...scoped },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: role, name: `r${at}` },
        subjects,
      })
  }
  return new Map(
    [...files].map(([file, bodies]) => [
      file,
      bodies.map((body) => dump(body)).join(pick(['---\n', '---\n# of the team\n'])),
    ]),
  )
}
