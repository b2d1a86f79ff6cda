import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { ReportProof, ReportStep } from '../../src/report/plan.ts'
import type { Report } from '../../src/report/report.ts'

/** A plan made by hand for the report of examples/shop: every verdict, every part, whatever the planner finds today. */

type Planned = Required<Pick<Report, 'plan' | 'rejected' | 'residual'>>

const SOURCES = ['audit log of 3 API servers', 'Hubble flows']
const WINDOW = { from: '2026-11-07T09:40:00.000Z', to: '2026-11-21T09:40:00.000Z', days: 14, sources: SOURCES }
const CONTROL = { explained: 312_394, unexplained: 12 }

const HOLDS: ReportProof = {
  verdict: 'holds',
  reasons: [],
  window: WINDOW,
  control: CONTROL,
  replayed: 8064,
  counterexamples: [],
  blindSpots: [],
  unseenMass: 0.0004,
  recent: [],
}

const UNKNOWN: ReportProof = {
  ...HOLDS,
  verdict: 'unknown',
  reasons: [
    'CronJob platform/rotate-keys did not run in the window',
    'no record shows what ServiceAccount platform/backup-operator does on Sundays',
  ],
  replayed: 41_920,
  unseenMass: 0.018,
  blindSpots: [
    {
      kind: 'not-fired',
      message: 'A schedule that did not fire leaves no record',
      instance: 'CronJob platform/rotate-keys, last on 1 Oct 2026 03:00',
      touches: ['ServiceAccount/platform/backup-operator'],
    },
    {
      kind: 'dropped-by-audit-policy',
      message: 'The audit policy drops reads of ConfigMaps',
      instance: 'rule 4 of /etc/kubernetes/audit-policy.yaml',
      touches: [],
    },
  ],
  recent: [
    {
      behaviour: 'system:serviceaccount:platform:backup-operator list volumesnapshots in orders',
      first: '2026-11-20T02:00:11.000Z',
      file: 'audit/kube-apiserver-2.log.gz',
      line: 88_121,
    },
  ],
}

const UNRECORDED: ReportProof = {
  ...HOLDS,
  verdict: 'unknown',
  reasons: ['no source records what the process does'],
  window: { from: '', to: '', days: 0, sources: [] },
  control: { explained: 0, unexplained: 0 },
  replayed: 0,
  unseenMass: null,
}

const RAW =
  '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"5b1c0f5e-6c1f-4b0a-9d0e-0a1f5a4f7d10","stage":"ResponseComplete","requestURI":"/api/v1/nodes/edge-1/proxy/metrics/cadvisor","verb":"get","user":{"username":"system:serviceaccount:monitoring:prometheus"},"sourceIPs":["10.0.3.7"],"objectRef":{"resource":"nodes","name":"edge-1","apiVersion":"v1","subresource":"proxy"},"responseStatus":{"code":200},"requestReceivedTimestamp":"2026-11-21T09:39:48.000000Z"}'

export const BREAKS: ReportProof = {
  ...HOLDS,
  verdict: 'breaks',
  reasons: [],
  replayed: 40_320,
  counterexamples: ['edge-1', 'edge-2'].map((node, at) => ({
    what: `system:serviceaccount:monitoring:prometheus get nodes/proxy ${node}`,
    why: 'Prometheus reads container metrics through the API server’s proxy; no rule that is left allows it',
    times: 20_160,
    first: '2026-11-07T09:40:03.000Z',
    last: '2026-11-21T09:39:48.000Z',
    file: 'audit/kube-apiserver-1.log.gz',
    line: 311_207 + at,
    raw: RAW.replaceAll('edge-1', node),
  })),
}

const RBAC = `--- a/examples/shop/web/rbac.yaml
+++ b/examples/shop/web/rbac.yaml
@@ -16,8 +16,5 @@ metadata:
 subjects:
 - kind: ServiceAccount
   name: deploy-bot
   namespace: ci
-- kind: ServiceAccount  # for the move in April
-  name: frontend
-  namespace: web
 roleRef:
`
const POLICY = `--- /dev/null
+++ b/examples/shop/orders/bulkhead-orders-db-only-orders.yaml
@@ -0,0 +1,13 @@
+apiVersion: networking.k8s.io/v1
+kind: NetworkPolicy
+metadata:
+  name: orders-db
+  namespace: orders
+spec:
+  podSelector: {matchLabels: {app: orders-db}}
+  policyTypes: [Ingress]
+  ingress:
+  - from:
+    - podSelector: {matchLabels: {app.kubernetes.io/name: orders, app.kubernetes.io/component: the-only-one-that-may-connect-here}}
+    ports:
+    - {port: 5432, protocol: TCP}
`
const PRIVILEGED = `--- a/examples/shop/platform/platform.yaml
+++ b/examples/shop/platform/platform.yaml
@@ -41,7 +41,7 @@ spec:
       containers:
       - name: agent
         image: registry.example/agent:1.9
         securityContext:
-          privileged: true
+          privileged: false
         volumeMounts:
         - {name: logs, mountPath: /var/log}
`

interface Made {
  readonly id: string
  readonly title: string
  readonly left: number
  readonly owner?: string
  readonly kind: string
  readonly object: { readonly kind: string; readonly namespace: string; readonly name: string }
  readonly patches?: ReportStep['patches']
  readonly proof: ReportProof
  readonly notes?: readonly string[]
  readonly deletes?: ReportStep['deletes']
}

const STEPS: readonly Made[] = [
  {
    id: 'rbac-subject-remove-deployers-frontend',
    title: 'Take frontend out of the RoleBinding deployers',
    left: 0.62,
    owner: 'team web',
    kind: 'rbac-subject-remove',
    object: { kind: 'RoleBinding', namespace: 'web', name: 'deployers' },
    patches: [{ file: 'examples/shop/web/rbac.yaml', diff: RBAC }],
    proof: HOLDS,
  },
  {
    id: 'rbac-narrow-backup-operator',
    title: 'Give backup-operator a Role in place of cluster-admin',
    left: 0.329,
    owner: 'team platform',
    kind: 'rbac-narrow',
    object: { kind: 'Role', namespace: 'platform', name: 'backup-operator' },
    patches: [
      {
        file: 'examples/shop/platform/backup-operator.yaml',
        diff: RBAC.replaceAll('web/rbac', 'platform/backup-operator'),
      },
    ],
    deletes: [
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        namespace: '',
        name: 'backup-operator-admin',
      },
    ],
    notes: ['A second route stays open: role/shop-deploy is in system:masters, which no change of RBAC closes.'],
    proof: UNKNOWN,
  },
  {
    id: 'privileged-off-agent',
    title: 'Run the container agent without privileges',
    left: 0.17,
    owner: 'team platform',
    kind: 'privileged-off',
    object: { kind: 'DaemonSet', namespace: 'platform', name: 'agent' },
    patches: [{ file: 'examples/shop/platform/platform.yaml', diff: PRIVILEGED }],
    proof: UNRECORDED,
  },
  {
    id: 'orders-db-only-orders',
    title: 'orders-db accepts only orders',
    left: 0.12,
    owner: 'team orders',
    kind: 'ingress-policy',
    object: { kind: 'NetworkPolicy', namespace: 'orders', name: 'orders-db' },
    patches: [{ file: 'examples/shop/orders/bulkhead-orders-db-only-orders.yaml', diff: POLICY }],
    proof: HOLDS,
  },
  {
    id: 'token-off-mailer',
    title: 'Do not mount a token in mailer',
    left: 0.083,
    kind: 'token-off',
    object: { kind: 'Deployment', namespace: 'web', name: 'mailer' },
    patches: [],
    proof: { ...HOLDS, reasons: ['as to the API server only'] },
  },
]

/** Entries, edges and titles are those of the report, so that the page can name them. */
export function planOf(report: Report): Planned {
  const { entries, graph, risk } = report
  const edges = graph ? edgeIds(graph) : []
  const few = Math.ceil(edges.length / STEPS.length)
  return {
    plan: STEPS.map((made, at): ReportStep => {
      const was = STEPS[at - 1]?.left ?? 1
      const { id, title, owner, kind, object, patches = [], deletes = [], notes = [], proof, left } = made
      return {
        rank: at + 1,
        id,
        title,
        ...(owner === undefined ? {} : { owner }),
        kinds: [kind],
        objects: [
          { apiVersion: 'v1', kind: object.kind, metadata: { namespace: object.namespace, name: object.name } },
        ],
        deletes,
        patches,
        cuts: edges.slice(at * few, (at + 1) * few),
        adds: at === 1 ? edges.slice(0, 2) : [],
        risk: { before: risk.total * was, after: risk.total * left, share: was - left },
        relief: entries.slice(0, 4).map((entry) => ({
          entry: entry.id,
          before: lossOf(entry, was),
          after: lossOf(entry, left),
        })),
        proof,
        notes,
      }
    }),
    rejected: [
      {
        id: 'rbac-narrow-prometheus',
        title: 'Take nodes/proxy from prometheus',
        why: 'breaks',
        reason: 'Prometheus reads container metrics through the API server’s proxy.',
        gain: risk.total * 0.026,
        proof: BREAKS,
      },
      {
        id: 'host-path-off-logs',
        title: 'Take the host path /var/log from agent',
        why: 'cannot-be-edited',
        reason: 'examples/shop/platform/platform.yaml: the value stands behind an alias',
        gain: risk.total * 0.011,
      },
    ],
    residual: {
      risk: risk.total * 0.083,
      share: 0.083,
      further: 2,
      why: ['the control plane stays in reach of User m.okafor@shop.example', 'no change is known for 3 routes'],
    },
  }
}

function lossOf({ controls, contacts, risk }: Report['entries'][number], left: number) {
  return {
    controls: Math.round(controls * left),
    contacts: contacts + Math.round((controls * (1 - left)) / 3),
    loss: risk * left,
  }
}

function edgeIds({ nodes, strings, edges }: NonNullable<Report['graph']>): readonly string[] {
  let from = 0
  return edges.kind.map((kind, at) => {
    from += edges.from[at] ?? 0
    return `${strings[kind]}|${nodes[from]}|${nodes[edges.to[at] ?? 0]}|rule-${at}`
  })
}

const CARRIER = /(<script type="application\/gzip" id="report">)([^<]*)(<\/script>)/

/** The same page with another report, which travels as src/report/html.ts sends it. */
export function rewrite(from: string, to: string, change: (report: Report) => Report): void {
  const page = readFileSync(from, 'utf8').replace(CARRIER, (_, open: string, base64: string, close: string) => {
    const report = JSON.parse(gunzipSync(Buffer.from(base64, 'base64')).toString()) as Report
    return open + gzipSync(JSON.stringify(change(report))).toString('base64') + close
  })
  writeFileSync(to, page)
}
