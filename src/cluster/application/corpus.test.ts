import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveApplications } from './resolve.ts'
import { corpus, skipped } from './testing-corpus.ts'

const skip = { skip: skipped }

test(
  'online-boutique: each service is an application, as its labels say, and only custom resources are unresolved',
  skip,
  () => {
    const { all, coverage, applicationsOf, proposals } = resolveApplications(corpus('online-boutique'))
    assert.equal(all.length, 14)
    assert.ok(all.every(({ step, workloads }) => step === 6 && workloads.length === 1))
    assert.equal(coverage.workloads.share, 1)
    assert.ok(coverage.objects.unresolved.every((id) => /^[A-Za-z]+\./.test(id)))
    assert.equal(applicationsOf('NetworkPolicy/default/deny-all').length, 14)
    assert.deepEqual(
      applicationsOf('Service/default/frontend-external').map(({ name }) => name),
      ['frontend'],
    )
    assert.deepEqual(proposals, [])
  },
)

test('argo-cd: one application with its components', skip, () => {
  const { all, coverage, conflicts } = resolveApplications(corpus('argo-cd'))
  assert.deepEqual(
    all.map(({ id, step, workloads, components }) => [id, step, workloads.length, components.length]),
    [['Application/default/argocd', 4, 9, 9]],
  )
  assert.equal(coverage.objects.share, 1)
  assert.deepEqual(conflicts, [])
})

test('bank-of-anthos: services apart, teams as owners, and the label that joins them as a proposal', skip, () => {
  const { all, applicationOf, proposals } = resolveApplications(corpus('bank-of-anthos'))
  assert.equal(all.length, 10)
  assert.equal(applicationOf('StatefulSet/default/ledger-db')?.owner?.name, 'ledger')
  assert.ok(
    proposals.some(
      ({ applications, because }) => applications.length === 8 && because[0]?.text.includes('bank-of-anthos'),
    ),
  )
})

test('istio-bookinfo: versions of one service are one application', skip, () => {
  const { applicationOf } = resolveApplications(corpus('istio-bookinfo'))
  const reviews = ['reviews-v1', 'reviews-v2', 'reviews-v3'].map(
    (name) => applicationOf(`Deployment/default/${name}`)?.id,
  )
  assert.deepEqual(new Set(reviews), new Set(['Application/default/reviews']))
})

test('kubernetes-goat: bare Jobs stay unresolved and are listed', skip, () => {
  const { coverage } = resolveApplications(corpus('kubernetes-goat'))
  assert.deepEqual(
    coverage.workloads.unresolved,
    ['batch-check-job', 'hidden-in-layers', 'kube-bench-master', 'kube-bench-node'].map(
      (name) => `Job/default/${name}`,
    ),
  )
})

test('gitops-billimek: each HelmRelease is an application whose workloads are hidden', skip, () => {
  const cluster = corpus('gitops-billimek')
  const { all } = resolveApplications(cluster)
  const releases = cluster.ofKind('HelmRelease', 'helm.toolkit.fluxcd.io').length
  assert.ok(releases > 70)
  assert.ok(all.length >= releases && all.every(({ workloads }) => workloads.length === 0))
})

test('every set: each workload has one application, and most are resolved', skip, () => {
  const least: Record<string, number> = {
    'gke-samples': 0.75,
    'rook-ceph': 0.6,
    'knative-serving': 1,
    'kubernetes-examples': 0.6,
    'ingress-nginx': 0.85,
  }
  for (const [set, share] of Object.entries(least)) {
    const cluster = corpus(set)
    const { all, coverage } = resolveApplications(cluster)
    assert.equal(all.flatMap(({ workloads }) => workloads).length, cluster.workloads.length, set)
    assert.ok(coverage.workloads.share >= share, `${set}: ${coverage.workloads.share}`)
  }
})
