import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf } from '../testing.ts'
import { resolveApplications } from './resolve.ts'

const SHOP = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web, labels: {app: shop}}
spec:
  volumeClaimTemplates: [{metadata: {name: data}}]
  template:
    metadata: {labels: {tier: front, app: shop}}
    spec:
      serviceAccountName: runner
      containers:
      - name: c
        image: x
        envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: password}}]
`
const BLOG = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: blog, labels: {app: blog}}
spec:
  template:
    metadata: {labels: {app: blog}}
    spec: {containers: [{name: c, image: x, envFrom: [{configMapRef: {name: settings}}]}]}
`

function membersOf(yaml: string): (id: string) => string {
  const applications = resolveApplications(clusterOf(yaml))
  return (id) =>
    applications
      .applicationsOf(id)
      .map(({ name }) => name)
      .sort()
      .join(' ')
}

const kind = (apiVersion: string, type: string, name: string, rest: string): string =>
  `---\napiVersion: ${apiVersion}\nkind: ${type}\nmetadata: {name: ${name}, namespace: default}\n${rest}\n`

test('objects take the applications of what uses or selects them', () => {
  const of = membersOf(
    [
      SHOP,
      `---${BLOG}`,
      kind('v1', 'Service', 'front', 'spec: {selector: {tier: front}}'),
      kind('v1', 'Service', 'nobody', 'spec: {ports: [{port: 80}]}'),
      kind(
        'networking.k8s.io/v1',
        'Ingress',
        'edge',
        'spec: {tls: [{secretName: cert}], rules: [{http: {paths: [{backend: {service: {name: front}}}]}}]}',
      ),
      kind('cert-manager.io/v1', 'Certificate', 'cert', 'spec: {secretName: cert}'),
      kind('v1', 'Secret', 'cert', 'data: {}'),
      kind('v1', 'ConfigMap', 'settings', 'data: {}'),
      kind('external-secrets.io/v1', 'ExternalSecret', 'password', 'spec: {}'),
      kind('v1', 'PersistentVolumeClaim', 'data-web-0', 'spec: {}'),
      kind('v1', 'ServiceAccount', 'runner', ''),
      kind('rbac.authorization.k8s.io/v1', 'Role', 'reader', 'rules: []'),
      kind(
        'rbac.authorization.k8s.io/v1',
        'RoleBinding',
        'reads',
        'roleRef: {kind: Role, name: reader}\nsubjects: [{kind: ServiceAccount, name: runner}]',
      ),
      kind('policy/v1', 'PodDisruptionBudget', 'budget', 'spec: {selector: {matchLabels: {app: blog}}}'),
      kind(
        'autoscaling/v2',
        'HorizontalPodAutoscaler',
        'scaler',
        'spec: {scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: web}}',
      ),
      kind('networking.k8s.io/v1', 'NetworkPolicy', 'deny', 'spec: {podSelector: {}}'),
      '---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: admins}\nroleRef: {kind: ClusterRole, name: admin-like}\nsubjects: [{kind: ServiceAccount, name: runner, namespace: default}]\n',
      '---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: admin-like}\nrules: []\n',
      '---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {name: pv-1}\nspec: {claimRef: {namespace: default, name: data-web-0}}\n',
    ].join(''),
  )
  for (const id of [
    'Service/default/front',
    'Ingress/default/edge',
    'Secret/default/cert',
    'Certificate.cert-manager.io/default/cert',
    'ExternalSecret.external-secrets.io/default/password',
    'PersistentVolumeClaim/default/data-web-0',
    'PersistentVolume//pv-1',
    'ServiceAccount/default/runner',
    'RoleBinding/default/reads',
    'Role/default/reader',
    'ClusterRoleBinding//admins',
    'ClusterRole//admin-like',
    'HorizontalPodAutoscaler/default/scaler',
  ]) {
    assert.equal(of(id), 'shop', id)
  }
  assert.equal(of('PodDisruptionBudget/default/budget'), 'blog')
  assert.equal(of('ConfigMap/default/settings'), 'blog shop')
  assert.equal(of('NetworkPolicy/default/deny'), 'blog shop')
  assert.equal(of('Service/default/nobody'), '')
})

test('own marks come before users; a label that no workload shares gives way to them', () => {
  const of = membersOf(
    [
      SHOP,
      `---${BLOG.replace('labels: {app: blog}}\nspec', 'labels: {app: blog, app.kubernetes.io/instance: rel, app.kubernetes.io/part-of: press}}\nspec')}`,
      '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default, labels: {app.kubernetes.io/instance: rel}}\n',
      '---\napiVersion: v1\nkind: Service\nmetadata: {name: front, namespace: default, labels: {app.kubernetes.io/part-of: nothing-else}}\nspec: {selector: {tier: front}}\n',
      '---\napiVersion: v1\nkind: Secret\nmetadata: {name: alone, namespace: default, labels: {app.kubernetes.io/part-of: hidden}}\n',
      '---\napiVersion: v1\nkind: Secret\nmetadata: {name: named, namespace: default, labels: {app: shop}}\n',
      '---\napiVersion: v1\nkind: Secret\nmetadata: {name: sh.helm.release.v1.rel.v1, namespace: default, labels: {owner: helm, name: rel}}\n',
      '---\napiVersion: v1\nkind: Service\nmetadata: {name: mine, namespace: default, labels: {bulkhead.dev/application: my-own}}\nspec: {selector: {tier: front}}\n',
    ].join(''),
  )
  assert.equal(of('ConfigMap/default/settings'), 'press')
  assert.equal(of('Secret/default/sh.helm.release.v1.rel.v1'), 'press')
  assert.equal(of('Service/default/front'), 'shop')
  assert.equal(of('Secret/default/alone'), 'hidden')
  assert.equal(of('Secret/default/named'), 'shop')
  assert.equal(of('Service/default/mine'), 'my-own')
})

test('a HelmRelease names an application whose workloads are hidden, and what its values name belongs to it', () => {
  const of = membersOf(`
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: radarr, namespace: media, labels: {kustomize.toolkit.fluxcd.io/name: apps, kustomize.toolkit.fluxcd.io/namespace: flux-system}}
spec: {values: {persistence: {config: {existingClaim: radarr-data}}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: radarr-data, namespace: media}
`)
  assert.equal(of('HelmRelease.helm.toolkit.fluxcd.io/media/radarr'), 'radarr')
  assert.equal(of('PersistentVolumeClaim/media/radarr-data'), 'radarr')
})

test('a pod below a workload, and what it owns, belong where the workload does', () => {
  const of = membersOf(`${BLOG}---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: blog-1, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: blog, controller: true}]}
spec: {template: {metadata: {labels: {app: other}}, spec: {containers: [{name: c, image: x}]}}}
---
apiVersion: v1
kind: Secret
metadata: {name: owned, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: blog, controller: true}]}
`)
  assert.equal(of('ReplicaSet/default/blog-1'), 'blog')
  assert.equal(of('Secret/default/owned'), 'blog')
})

test('a workload that an operator made belongs where its custom resource does', () => {
  const applications = resolveApplications(
    clusterOf(`
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: main, annotations: {argocd.argoproj.io/tracking-id: 'watch:monitoring.coreos.com/Prometheus:default/main'}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: prometheus-main, ownerReferences: [{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, name: main, controller: true}]}
spec: {template: {metadata: {labels: {app.kubernetes.io/name: prometheus}}, spec: {containers: [{name: c, image: x}]}}}
`),
  )
  assert.equal(applications.applicationOf('StatefulSet/default/prometheus-main')?.name, 'watch')
})

test('structure only proposes, and hubs do not even do that', () => {
  const deployment = (name: string, claim: string) =>
    `---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec: {template: {spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: ${claim}}}], containers: [{name: c, image: x, volumeMounts: [{name: v, mountPath: /v}]}]}}}\n`
  const claim = (name: string) => `---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: ${name}}\n`
  const shared = ['a', 'b'].map((name) => deployment(name, 'two')).join('')
  const hub = ['c', 'd', 'e', 'f'].map((name) => deployment(name, 'hub')).join('')
  const { all, proposals } = resolveApplications(clusterOf(`${shared}${hub}${claim('two')}${claim('hub')}`.slice(4)))
  assert.equal(all.length, 6)
  assert.deepEqual(
    proposals.map(({ applications, because }) => [applications, because.map(({ text }) => text)]),
    [
      [
        ['Application/default/Deployment/a', 'Application/default/Deployment/b'],
        ['they share PersistentVolumeClaim two'],
      ],
    ],
  )
})

test('coverage counts workloads and the objects that can belong to an application', () => {
  const { coverage } = resolveApplications(
    clusterOf(
      [
        BLOG.trimStart(),
        kind('v1', 'Secret', 'lost', ''),
        kind('v1', 'ConfigMap', 'kube-root-ca.crt', ''),
        kind('v1', 'Event', 'x', ''),
        kind('v1', 'ServiceAccount', 'default', ''),
        kind('batch/v1', 'Job', 'bare', 'spec: {template: {spec: {containers: [{name: c, image: x}]}}}'),
      ].join(''),
    ),
  )
  assert.deepEqual(coverage.workloads, { resources: 2, resolved: 1, unresolved: ['Job/default/bare'], share: 0.5 })
  assert.deepEqual(coverage.objects.unresolved, ['Job/default/bare', 'Secret/default/lost'])
  assert.equal(coverage.objects.resources, 3)
})
