import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cloudReasonOf } from './reason.ts'

const DEV = 'arn:aws:iam::111122223333:role/dev'
const POLICY = 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy'

describe('the reason of an authorizer of a cloud', () => {
  test('EKS names the principal and the policy, for the cluster and for a namespace', () => {
    const told = { authorizer: 'EKS access policies', principal: DEV, role: 'AmazonEKSEditPolicy' }
    const text = (head: string) =>
      `EKS Access Policy: allowed by ${head} of ClusterRole "${POLICY}" to User "AROATCKASJUUBCXRRKSFT"`
    assert.deepEqual(cloudReasonOf(text(`ClusterRoleBinding "${DEV}+${POLICY}"`)), told)
    assert.deepEqual(cloudReasonOf(text(`RoleBinding "${DEV}+${POLICY}/shop"`)), told)
    // Cut, or in words that are new: the authorizer alone.
    assert.deepEqual(cloudReasonOf('EKS Access Policy: allowed by ClusterRoleBinding "arn:aws'), {
      authorizer: 'EKS access policies',
    })
  })

  test('Azure RBAC and GKE name themselves alone', () => {
    for (const text of [
      'Access allowed by Azure RBAC',
      'Access allowed by Azure RBAC Role Assignment 59ae41cff of Role 7f6c6a51b to user 00dcc720-5846',
    ])
      assert.deepEqual(cloudReasonOf(text), { authorizer: 'Azure RBAC' })
    assert.deepEqual(cloudReasonOf('access granted by IAM permissions.'), { authorizer: 'GKE IAM' })
  })

  test('of RBAC, of a denial and of nothing it is none', () => {
    for (const text of [
      '',
      'RBAC: allowed by ClusterRoleBinding "EKS Access Policy: allowed by " of ClusterRole "r" to User "u"',
      'User does not have access to the resource in Azure. Update role assignment to allow access.',
      'access granted by IAM permissions. RBAC: allowed',
      'Access allowed by Azure RBACs',
    ])
      assert.equal(cloudReasonOf(text), undefined, text)
  })
})
