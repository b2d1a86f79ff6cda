import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Fix, Used } from '../fix.ts'
import { ownServiceAccount } from './own-service-account.ts'
import { type Case, caseOf } from './testing.ts'
import { tokenOff } from './token-off.ts'

const workload = (name: string, spec: string, kind = 'Deployment', labels = ''): string => `
---
apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}, namespace: shop${labels}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {${spec}${spec === '' ? '' : ', '}containers: [{name: c, image: c}]}
`

const bound = (account: string): string => `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reads, namespace: shop}
rules: [{apiGroups: [''], resources: [secrets], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reads-${account}, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reads}
subjects: [{kind: ServiceAccount, name: ${account}, namespace: shop}]
---
apiVersion: v1
kind: Secret
metadata: {name: password, namespace: shop}
`

const tokensOf = (each: Case, id: string): readonly string[] =>
  each.steps(id).filter((step) => step.startsWith('token'))

describe('token-off', () => {
  test('takes the token where its account has rights', () => {
    const before = caseOf(workload('web', '') + bound('default'))
    const [fix, ...others] = before.propose(tokenOff) as [Fix]
    assert.deepEqual(others, [])
    assert.equal(fix.witness, 'token')
    const after = before.after(fix)
    assert.deepEqual(tokensOf(before, 'Deployment/shop/web'), ['token -> ServiceAccount/shop/default'])
    assert.deepEqual(tokensOf(after, 'Deployment/shop/web'), [])
    assert.deepEqual(after.propose(tokenOff), [])
  })

  test('rights of a group of all accounts are rights', () => {
    const group = bound('default').replace(
      'kind: ServiceAccount, name: default, namespace: shop',
      "kind: Group, name: 'system:serviceaccounts', apiGroup: rbac.authorization.k8s.io",
    )
    assert.equal(caseOf(workload('web', '') + group).propose(tokenOff).length, 1)
  })

  test('leaves a token that opens nothing', () => {
    assert.deepEqual(caseOf(workload('web', '') + bound('other')).propose(tokenOff), [])
  })

  test('leaves a token that the template itself projects', () => {
    const asked =
      'volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: token}}]}}], initContainers: [{name: i, image: i, restartPolicy: Always, volumeMounts: [{name: t, mountPath: /t}]}]'
    const before = caseOf(workload('web', asked) + bound('default'))
    assert.equal(tokensOf(before, 'Deployment/shop/web').length, 1)
    assert.deepEqual(before.propose(tokenOff), [])
  })

  test('a pod of a snapshot loses what admission mounted into it', () => {
    const pod = `
---
apiVersion: v1
kind: Pod
metadata:
  name: web-1-x
  namespace: shop
  labels: {app: web, pod-template-hash: '1'}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: u, controller: true}]
spec:
  nodeName: n1
  serviceAccountName: default
  serviceAccount: default
  volumes:
    - {name: kube-api-access-abc12, projected: {sources: [{serviceAccountToken: {path: token}}]}}
    - {name: data, emptyDir: {}}
  containers:
    - name: c
      image: c
      volumeMounts:
        - {name: kube-api-access-abc12, mountPath: /var/run/secrets/kubernetes.io/serviceaccount}
        - {name: data, mountPath: /data}
status: {phase: Running}
`
    const before = caseOf(workload('web', '') + pod + bound('default'))
    const [fix] = before.propose(tokenOff) as [Fix]
    assert.deepEqual(
      fix.changes.map((change) => [change.object.id, 'derived' in change]),
      [
        ['Deployment/shop/web', false],
        ['Pod/shop/web-1-x', true],
      ],
    )
    const after = before.after(fix)
    assert.deepEqual(tokensOf(after, 'Deployment/shop/web'), [])
    assert.ok(JSON.stringify(after.context.cluster.get('Pod/shop/web-1-x')?.body).includes('/data'))
    const own = before.after(before.propose(ownServiceAccount)[0] as Fix)
    assert.deepEqual(tokensOf(own, 'Deployment/shop/web'), ['token -> ServiceAccount/shop/web'])
  })
})

describe('own-service-account', () => {
  const ACCOUNT = `
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: shop, annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::1:role/r'}}
imagePullSecrets: [{name: registry}]
automountServiceAccountToken: true
`

  test('a workload that runs as default gets one without rights, and with what its pods took over', () => {
    const before = caseOf(workload('web', 'serviceAccount: default') + ACCOUNT + bound('default'))
    const [fix] = before.propose(ownServiceAccount) as [Fix]
    assert.equal(fix.id, 'own-service-account-shop-deployment-web')
    const after = before.after(fix)
    assert.deepEqual(tokensOf(after, 'Deployment/shop/web'), ['token -> ServiceAccount/shop/web'])
    assert.deepEqual(after.steps('ServiceAccount/shop/web'), [])
    assert.deepEqual(after.context.cluster.get('ServiceAccount/shop/web')?.body, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'web', namespace: 'shop' },
      automountServiceAccountToken: true,
      imagePullSecrets: [{ name: 'registry' }],
    })
    assert.ok(fix.notes.some((note) => note.includes('eks.amazonaws.com/role-arn')))
    assert.ok(!JSON.stringify(after.context.cluster.get('Deployment/shop/web')?.body).includes('"serviceAccount"'))
    assert.deepEqual(after.propose(ownServiceAccount), [])
  })

  test('one that no other application uses is its own already', () => {
    const alone = workload('web', 'serviceAccountName: web') + bound('web')
    assert.deepEqual(caseOf(alone).propose(ownServiceAccount), [])
    const shared = alone + workload('batch', 'serviceAccountName: web')
    assert.equal(caseOf(shared).propose(ownServiceAccount).length, 2)
    const labels = ', labels: {app.kubernetes.io/part-of: site}'
    const together =
      workload('web', 'serviceAccountName: web', 'Deployment', labels) +
      workload('batch', 'serviceAccountName: web', 'Deployment', labels) +
      bound('web')
    assert.deepEqual(caseOf(together).propose(ownServiceAccount), [])
  })

  test('without rights there is nothing to part with', () => {
    assert.deepEqual(caseOf(workload('web', '') + bound('other')).propose(ownServiceAccount), [])
  })

  test('a name with rights, or that is taken, is not given', () => {
    const named = (text: string): readonly string[] =>
      caseOf(text)
        .propose(ownServiceAccount)
        .flatMap(({ changes }) => changes.flatMap((each) => (each.action === 'add' ? [each.object.name] : [])))
    const one = workload('web', '') + bound('default')
    assert.deepEqual(
      named(`${one}\n---\n{apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop}}`),
      ['web-deployment'],
    )
    assert.deepEqual(named(one + bound('web').replace('name: reads-web', 'name: reads-too')), ['web-deployment'])
    assert.deepEqual(named(one + workload('other', 'serviceAccountName: web', 'StatefulSet')), ['web-deployment'])
    assert.deepEqual(named(one + workload('web', '', 'StatefulSet')), ['web-deployment', 'web-statefulset'])
    for (const name of ['x'.repeat(253), 'a.-b', `${'x'.repeat(252)}.`]) {
      const [own] = named(workload(name, '') + bound('default')) as [string]
      assert.match(own, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/)
      assert.ok(own.length <= 253)
    }
  })

  test('rights that history shows used are for another fix', () => {
    const used = (times: number): Used => ({
      rights: () =>
        times === 0
          ? []
          : [
              {
                verb: 'get',
                group: '',
                resource: 'secrets',
                subresource: '',
                namespace: 'shop',
                name: '',
                path: '',
                times,
                last: 0,
              },
            ],
      peers: () => undefined,
    })
    const text = workload('web', '') + bound('default')
    assert.equal(caseOf(text, used(0)).propose(ownServiceAccount).length, 1)
    assert.equal(caseOf(text, used(1)).propose(ownServiceAccount).length, 0)
  })
})
