/** What the recording shows: who runs where, who talks to whom, who asks the API server for what. All of it is made up. */
import type { Caller, Habit, Manner, Once } from './callers.ts'
import type { Talk } from './flows.ts'
import type { Running } from './pods.ts'

export const FIRST_DAY = '2026-11-02'
export const DAYS = 14
export const SEED = 20261102

/** By the third number of the addresses of their pods. */
export const NODES: Readonly<Record<number, { readonly name: string; readonly address: string }>> = {
  1: { name: 'general-1', address: '172.20.0.11' },
  2: { name: 'general-2', address: '172.20.0.12' },
  3: { name: 'data-1', address: '172.20.0.13' },
}
export const API_SERVER = '172.20.0.2'
export const OUTSIDE: Readonly<Record<string, string>> = {
  'api.payco.example': '203.0.113.20',
  'api.mail.example': '203.0.113.30',
  'storage.cloud.example': '203.0.113.40',
  'git.shop.example': '203.0.113.50',
  'registry.shop.example': '203.0.113.51',
  office: '198.51.100.10',
}

export const WORKLOADS: Readonly<Record<string, Running>> = {
  'web/frontend': { kind: 'Deployment', part: 'shop', account: 'frontend', ips: '1.11 2.11 2.12' },
  'web/catalog': { kind: 'Deployment', part: 'shop', ips: '1.12 2.13' },
  'web/search-index': { kind: 'StatefulSet', part: 'shop', ips: '2.14' },
  'web/cart': { kind: 'Deployment', part: 'shop', ips: '1.15 2.16' },
  'web/cart-cache': { kind: 'StatefulSet', part: 'shop', ips: '1.17' },
  // Restarted: its new pod gets the address that the backup Job of 2026-11-06 had.
  'web/mailer': { kind: 'Deployment', part: 'mail', ips: '2.31', later: ['2026-11-11T16:42:31Z', '1.77'] },
  'web/backoffice': { kind: 'Deployment', part: 'backoffice', ips: '1.32' },
  'orders/checkout': {
    kind: 'Deployment',
    part: 'orders',
    ips: '1.21 2.21',
    later: ['2026-11-05T05:04:10Z', '1.23 2.24'],
  },
  'orders/orders': { kind: 'Deployment', part: 'orders', ips: '1.22 2.22' },
  'orders/orders-db': { kind: 'StatefulSet', part: 'orders', ips: '3.10' },
  'platform/ci-runner': { kind: 'Deployment', part: 'ci', account: 'ci-runner', ips: '2.41' },
  'platform/log-agent': { kind: 'DaemonSet', part: 'logging', ips: '1.42 2.42 3.42' },
  'platform/metrics': { kind: 'Deployment', part: 'monitoring', account: 'metrics', ips: '1.43' },
  'platform/backup-operator': { kind: 'Deployment', part: 'backup', account: 'backup-operator', ips: '2.44' },
  // Not in the manifests: the cluster brings it.
  'kube-system/coredns': { kind: 'Deployment', part: 'kube-dns', account: 'coredns', ips: '1.2 2.2' },
}

/** Every night the backup operator starts a Job, of a name of its own and with what address is free. */
export const BACKUP = { namespace: 'orders', name: 'backup-orders-db', to: 'storage.cloud.example', hour: 2 }
export const backupAddress = (night: number): string => (night === 4 ? '1.77' : `1.${60 + night}`)
/** On this night the agent had not yet learned whose the address was. */
export const UNNAMED_NIGHT = 4

const SCRAPED =
  'web/frontend:8080 web/catalog:8080 web/cart:8080 web/mailer:8080 web/backoffice:8080 platform/backup-operator:8080'

/**
 * Client, times a day, servers with the port of their pods (53 is UDP). `node`: that of the server's pod; `any-node`: the
 * ingress, which is on the nodes' network, and NodePorts; `kubelet`: that of every node.
 */
export const TALKS: readonly Talk[] = [
  ['any-node', 8, 'web/frontend:8080'],
  ['any-node', 2, 'platform/metrics:9090'],
  ['office', 4, 'web/backoffice:8080'],
  // Probes.
  ['node', 2, 'web/frontend:8080 web/catalog:8080 web/cart:8080 web/backoffice:8080'],
  ['node', 2, 'orders/checkout:8080 orders/orders:8080'],
  ['web/frontend', 5, 'web/catalog:8080 web/cart:8080 orders/checkout:8080 api-server:6443 dns:53'],
  ['web/catalog', 5, 'web/search-index:9200 dns:53'],
  ['web/search-index', 3, 'dns:53'],
  ['web/cart', 5, 'web/cart-cache:6379 dns:53'],
  ['web/cart', 1, 'api-server:6443'],
  ['web/mailer', 4, 'api.mail.example:443 dns:53'],
  ['web/backoffice', 4, 'orders/orders:8080 dns:53'],
  ['orders/checkout', 4, 'orders/orders:8080 api.payco.example:443 dns:53'],
  ['orders/orders', 5, 'orders/orders-db:5432 dns:53'],
  ['orders/orders-db', 1, 'dns:53'],
  ['platform/ci-runner', 3, 'git.shop.example:443 registry.shop.example:443 api-server:6443 dns:53'],
  ['platform/backup-operator', 3, 'storage.cloud.example:443 api-server:6443 dns:53'],
  ['platform/metrics', 2, `${SCRAPED} platform/log-agent:2020 kubelet:10250 api-server:6443 dns:53`],
  // The policies of `orders` admit no scrapes, and nobody noticed.
  ['platform/metrics', 2, 'orders/checkout:8080 orders/orders:8080', 'DROPPED'],
]
/** Someone tries the database from the wrong pod. */
export const DROPPED_ONCE = { at: '2026-11-10T11:20:00Z', from: 'web/cart', to: 'orders/orders-db:5432' }

/** Callers besides the workloads' service accounts (`web/frontend`), the controllers and the nodes. */
export const CALLERS: Readonly<Record<string, Caller>> = {
  okafor: ['m.okafor@shop.example', '198.51.100.21', 'platform-admins', 'cluster-admin'],
  kim: ['a.kim@shop.example', '198.51.100.31', 'web/developers', 'edit', { group: 'shop:web-developers' }],
  ito: ['s.ito@shop.example', '198.51.100.32', 'orders/developers', 'edit', { group: 'shop:orders-developers' }],
  silva: ['j.silva@shop.example', '198.51.100.33', 'on-call', 'on-call', { group: 'shop:on-call' }],
  // One kubeconfig: the pipeline has it and, for when that is down, a laptop.
  release: ['release-pipeline@shop.example', '203.0.113.10', 'web/release', 'release', { certificate: '5f0c7d1b' }],
  laptop: ['release-pipeline@shop.example', '198.51.100.42', 'web/release', 'release', { certificate: '5f0c7d1b' }],
  // The token that was mailed around. It never expires.
  legacy: ['system:serviceaccount:web:legacy-deployer', '198.51.100.77', 'web/legacy-deployer', 'admin'],
}
/** Binding and role of workloads' service accounts; a Role is `Role/…`. */
export const GRANTS: Readonly<Record<string, readonly [binding: string, role: string]>> = {
  'web/frontend': ['web/deployers', 'Role/deployers'],
  'platform/ci-runner': ['ci-runner', 'cluster-admin'],
  'platform/metrics': ['metrics', 'metrics'],
  'platform/backup-operator': ['backup-operator', 'backup-operator'],
}

const AT_WORK: Manner = { hours: [8, 17], weekdays: [1, 2, 3, 4, 5] }
const BY_DAY: Manner = { hours: [6, 20] }
const DEPLOYING: Manner = { hours: [5, 6] }
const BACKING_UP: Manner = { hours: [2, 3] }

/**
 * Caller, times a day, requests: verb, resource (`deployments.apps`, `pods/log`), and where: `namespace/name`, `namespace/`
 * or `/name`. A path is a `get` of it. `{tonight}` and `{last}` are backup Jobs.
 */
export const HABITS: readonly Habit[] = [
  ['web/frontend', 4, 'get configmaps web/feature-flags'],
  ['web/frontend', 1, 'get configmaps web/maintenance', { code: 404 }],
  ['web/cart', 1, 'get configmaps web/cart', { code: 403 }],
  ['platform/ci-runner', 1, 'patch deployments.apps orders/orders', { ...DEPLOYING, dryRun: true }],
  ['platform/ci-runner', 1, 'get deployments.apps orders/checkout, patch deployments.apps orders/checkout', DEPLOYING],
  [
    'platform/ci-runner',
    1,
    'patch services orders/orders, patch configmaps orders/orders, list pods orders/',
    DEPLOYING,
  ],
  // Its tokens for the registry last half a day.
  ['platform/ci-runner', 2, 'update secrets platform/registry'],
  ['platform/backup-operator', 2, 'watch backups.backup.shop.example, watch jobs.batch orders/'],
  ['platform/backup-operator', 2, 'get secrets platform/backup-bucket'],
  ['platform/backup-operator', 1, 'update backups.backup.shop.example orders/orders-db', BACKING_UP],
  ['platform/backup-operator', 1, 'get persistentvolumeclaims orders/data-orders-db-0', BACKING_UP],
  ['platform/backup-operator', 1, 'create jobs.batch orders/{tonight}, delete jobs.batch orders/{last}', BACKING_UP],
  ['platform/metrics', 1, 'list nodes, list services, list endpoints, list pods'],
  ['platform/metrics', 2, 'watch nodes, watch services, watch endpoints, watch pods, /metrics'],
  ['release', 2, 'list deployments.apps web/, watch deployments.apps web/frontend', DEPLOYING],
  ['release', 1, 'get deployments.apps web/frontend, patch deployments.apps web/frontend', DEPLOYING],
  ['release', 1, 'patch deployments.apps web/catalog', { ...DEPLOYING, dryRun: true }],
  ['laptop', 2, 'list deployments.apps web/', { hours: [9, 16], weekdays: [4] }],
  ['okafor', 1, '/apis, list nodes, list namespaces, list pods, get nodes /general-1', BY_DAY],
  ['okafor', 1, 'list clusterroles.rbac.authorization.k8s.io', BY_DAY],
  ['kim', 1, '/api, get deployments.apps web/catalog, patch configmaps web/feature-flags', AT_WORK],
  ['kim', 2, 'list pods web/, get pods/log web/catalog', AT_WORK],
  ['kim', 1, 'patch deployments.apps web/catalog', { ...AT_WORK, dryRun: true }],
  ['ito', 2, 'list pods orders/, get pods/log orders/orders', AT_WORK],
  ['ito', 1, 'get services orders/orders, get cronjobs.batch orders/invoices', AT_WORK],
  ['ito', 1, 'list nodes', { ...AT_WORK, code: 403 }],
  ['silva', 1, 'list nodes, list pods, list services, list events', BY_DAY],
  ['silva', 1, 'get pods web/frontend, get pods/log web/frontend, get deployments.apps/scale web/catalog', BY_DAY],
  ['silva', 1, 'get pods orders/checkout, get pods/log orders/checkout', BY_DAY],
  ['controller cronjob-controller', 1, 'watch cronjobs.batch, watch jobs.batch'],
  ['controller node-controller', 1, 'patch nodes /general-2, watch nodes'],
  ['controller pvc-protection-controller', 1, 'watch pods, update persistentvolumeclaims orders/data-orders-db-0'],
  ['controller endpoint-controller', 1, 'update endpoints web/frontend, watch services'],
  [
    'controller deployment-controller',
    1,
    'update replicasets.apps web/frontend, update deployments.apps/status web/cart',
  ],
  ['controller generic-garbage-collector', 1, 'delete replicasets.apps web/frontend, delete pods orders/{last}'],
  ['controller clusterrole-aggregation-controller', 1, 'patch clusterroles.rbac.authorization.k8s.io /admin'],
  ['controller legacy-service-account-token-cleaner', 1, 'watch secrets, list serviceaccounts'],
  ['controller job-controller', 1, 'watch jobs.batch'],
  ['controller job-controller', 1, 'create pods orders/{tonight}', BACKING_UP],
  ['nodes', 2, 'update leases.coordination.k8s.io kube-node-lease/{node}, patch nodes/status /{node}'],
  ['nodes', 2, 'watch pods, create events web/'],
  // The only trace of the metrics that a kubelet gives out: it asks who calls, and whether that one may.
  ['nodes', 1, 'create tokenreviews.authentication.k8s.io, create subjectaccessreviews.authorization.k8s.io'],
]

/** At a moment, and never again. */
export const ONCE: readonly Once[] = [
  ['2026-11-09T10:05:12Z', 'okafor', 'patch nodes /general-2'],
  ['2026-11-11T16:42:03Z', 'legacy', 'get deployments.apps web/mailer'],
  ['2026-11-11T16:42:27Z', 'legacy', 'patch deployments.apps web/mailer'],
  ['2026-11-12T03:14:40Z', 'silva', 'create pods/exec orders/orders-db', { code: 101 }],
]
