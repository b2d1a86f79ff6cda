import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { because } from '../../cluster/because.ts'
import { type AwsRole, type CloudExports, type EksExports, NO_CLOUD } from '../../cluster/cloud/exports.ts'
import type { Json } from '../../cluster/json.ts'
import { analyseText, type Judged } from '../../loop.testing.ts'
import { CONTROL_PLANE } from '../engine.ts'

const APP = 'arn:aws:iam::111122223333:role/app'
const APP_NODE = `CloudIdentity/aws/${APP}`
const API = 'ServiceAccount/shop/api'
const WORKLOAD = 'Deployment/shop/api'
const ISSUER = 'oidc.eks.eu-west-1.amazonaws.com/id/X'
const from = because('an export')

function workload(options: { annotation?: string; spec?: string; labels?: string } = {}): string {
  return `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: api, namespace: shop, annotations: {${options.annotation ?? ''}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api${options.labels ?? ''}}}
    spec: {serviceAccountName: api, ${options.spec ?? ''} containers: [{name: c, image: x}]}
`
}

const IRSA = `eks.amazonaws.com/role-arn: '${APP}'`

function trustOf(subject: string | undefined, operator = 'StringEquals', issuer = ISSUER): Json {
  const keys = {
    [`${issuer}:aud`]: 'sts.amazonaws.com',
    ...(subject === undefined ? {} : { [`${issuer}:sub`]: subject }),
  }
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${issuer}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { [operator]: keys },
      },
    ],
  }
}

const POD_IDENTITY_TRUST: Json = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'pods.eks.amazonaws.com' }, Action: ['sts:AssumeRole', 'sts:TagSession'] },
  ],
}

function role(trust: Json | undefined, more: Partial<AwsRole> = {}): AwsRole {
  return {
    arn: APP,
    name: 'app',
    ...(trust === undefined ? {} : { trust }),
    policies: [],
    toldPolicies: true,
    instanceProfiles: [],
    tags: new Map(),
    from,
    ...more,
  }
}

function cloud(eks: Partial<EksExports>, roles: readonly AwsRole[] = []): CloudExports {
  return { ...NO_CLOUD, aws: { ...NO_CLOUD.aws, roles }, eks: { ...NO_CLOUD.eks, ...eks } }
}

const OURS = { clusters: [{ name: 'c', mode: 'API_AND_CONFIG_MAP' as const, issuer: ISSUER, from }] }

function truth(judged: Judged, kind: string, a: string, b: string): string {
  const edge = judged.analysis.edges.find((each) => each.kind === kind && each.from === a && each.to === b)
  return edge?.truth ?? 'none'
}

describe('IAM roles for service accounts', () => {
  const cases: readonly (readonly [string, string, CloudExports, string, string])[] = [
    ['an annotation without an export', IRSA, NO_CLOUD, 'unknown', 'unknown'],
    ['annotation and trust', IRSA, cloud(OURS, [role(trustOf('system:serviceaccount:shop:api'))]), 'yes', 'yes'],
    [
      'annotation and trust of another account',
      IRSA,
      cloud(OURS, [role(trustOf('system:serviceaccount:shop:web'))]),
      'none',
      'none',
    ],
    [
      'annotation and trust of another cluster',
      IRSA,
      cloud(OURS, [
        role(trustOf('system:serviceaccount:shop:api', 'StringEquals', 'oidc.eks.eu-west-1.amazonaws.com/id/Y')),
      ]),
      'none',
      'none',
    ],
    ['annotation, trust untold', IRSA, cloud(OURS, [role(undefined)]), 'unknown', 'unknown'],
    ['trust alone', '', cloud(OURS, [role(trustOf('system:serviceaccount:shop:api'))]), 'unknown', 'none'],
    [
      'trust of a pattern alone',
      '',
      cloud(OURS, [role(trustOf('system:serviceaccount:shop:*', 'StringLike'))]),
      'unknown',
      'none',
    ],
    ['a trust without subject', '', cloud(OURS, [role(trustOf(undefined))]), 'unknown', 'none'],
    [
      'a trust of another issuer without subject',
      '',
      cloud({}, [role(trustOf(undefined, 'StringEquals', 'token.actions.githubusercontent.com'))]),
      'none',
      'none',
    ],
    ['nothing', '', NO_CLOUD, 'none', 'none'],
  ]
  for (const [name, annotation, exports, account, pod] of cases)
    test(name, () => {
      const judged = analyseText(workload({ annotation }), { cloud: exports })
      assert.equal(truth(judged, 'cloud-role', API, APP_NODE), account)
      assert.equal(truth(judged, 'cloud-token', WORKLOAD, APP_NODE), pod)
      assert.equal(
        judged.analysis.assets.some(({ kind, nodes }) => kind === 'cloudRole' && nodes.includes(APP_NODE)),
        account !== 'none',
      )
    })

  test('a token that is mounted for AWS is given without an annotation', () => {
    const spec =
      'volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: t, audience: sts.amazonaws.com}}]}}],'
    const judged = analyseText(workload({ spec }), {
      cloud: cloud(OURS, [role(trustOf('system:serviceaccount:shop:api'))]),
    })
    assert.equal(truth(judged, 'cloud-token', WORKLOAD, APP_NODE), 'yes')
  })
})

describe('EKS Pod Identity', () => {
  const association = { namespace: 'shop', account: 'api', role: APP, from }
  const deny = `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Egress]}
`
  test('an association and a trust that admits the service', () => {
    const exports = cloud({ ...OURS, podIdentities: [association] }, [role(POD_IDENTITY_TRUST)])
    const judged = analyseText(workload(), { cloud: exports })
    assert.equal(truth(judged, 'cloud-role', API, APP_NODE), 'yes')
    assert.equal(truth(judged, 'cloud-token', WORKLOAD, APP_NODE), 'yes')
    assert.equal(truth(analyseText(workload() + deny, { cloud: exports }), 'cloud-token', WORKLOAD, APP_NODE), 'none')
  })
  test('without the role in an export it is unknown; of a trust that admits others it is none', () => {
    const only = analyseText(workload(), { cloud: cloud({ ...OURS, podIdentities: [association] }) })
    assert.equal(truth(only, 'cloud-role', API, APP_NODE), 'unknown')
    const other = cloud({ ...OURS, podIdentities: [association] }, [role(trustOf('system:serviceaccount:a:b'))])
    assert.equal(truth(analyseText(workload(), { cloud: other }), 'cloud-role', API, APP_NODE), 'none')
  })
  test('objects of ACK say it too', () => {
    const text = `${workload()}
---
apiVersion: eks.services.k8s.aws/v1alpha1
kind: PodIdentityAssociation
metadata: {name: a, namespace: ack}
spec: {clusterName: c, namespace: shop, serviceAccount: api, roleARN: '${APP}'}
`
    assert.equal(truth(analyseText(text), 'cloud-role', API, APP_NODE), 'unknown')
    assert.equal(
      truth(analyseText(text, { cloud: cloud(OURS, [role(POD_IDENTITY_TRUST)]) }), 'cloud-role', API, APP_NODE),
      'yes',
    )
  })
  test('a running agent without a list of associations is told', () => {
    const agent =
      'apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: eks-pod-identity-agent, namespace: kube-system}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}}'
    const ids = (exports: CloudExports): boolean =>
      analyseText(`${workload()}\n---\n${agent}`, { cloud: exports })
        .analysis.unknowns()
        .some(({ id }) => id === 'cloud-pod-identity')
    assert.equal(ids(cloud(OURS)), true)
    assert.equal(ids(cloud({ ...OURS, podIdentities: [association] })), false)
  })
})

describe('who is let into a cluster of EKS', () => {
  const map = `
apiVersion: v1
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system}
data:
  mapRoles: |
    - {rolearn: '${APP}', username: deployer, groups: [ops]}
  mapUsers: |
    - {userarn: 'arn:aws:iam::111122223333:user/al', username: al, groups: [system:masters]}
`
  const entry = {
    principal: 'arn:aws:iam::111122223333:role/path/app',
    username: 'other',
    groups: ['viewers'],
    type: 'STANDARD',
    from,
  }
  const reach = (mode: 'CONFIG_MAP' | 'API_AND_CONFIG_MAP' | 'API' | undefined, entries = [entry]): Judged =>
    analyseText(`${workload({ annotation: IRSA })}---${map}`, {
      cloud: cloud({ clusters: mode === undefined ? [] : [{ name: 'c', mode, issuer: ISSUER, from }], entries }, [
        role(trustOf('system:serviceaccount:shop:api')),
      ]),
    })
  test('from a pod through its role to the user and groups of the mapping that counts', () => {
    const kinds = (judged: Judged): readonly string[] =>
      ['User//deployer', 'Group//ops', 'User//other', 'Group//viewers'].map((to) =>
        truth(judged, 'enters-as', APP_NODE, to),
      )
    assert.deepEqual(kinds(reach('CONFIG_MAP')), ['yes', 'yes', 'none', 'none'])
    assert.deepEqual(kinds(reach('API')), ['none', 'none', 'yes', 'yes'])
    assert.deepEqual(kinds(reach('API_AND_CONFIG_MAP', [])), ['yes', 'yes', 'none', 'none'])
    assert.deepEqual(kinds(reach(undefined, [])), ['unknown', 'unknown', 'none', 'none'])
    // Names of principals are compared without their paths.
    assert.deepEqual(kinds(reach('API_AND_CONFIG_MAP')), ['none', 'none', 'yes', 'yes'])
  })

  const policy = (name: string, namespaces?: readonly string[]): Judged =>
    analyseText(
      `${workload({ annotation: IRSA })}
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: shop}
---
apiVersion: v1
kind: Secret
metadata: {name: t, namespace: else}
`,
      {
        cloud: cloud(
          { ...OURS, associations: [{ principal: APP, policy: name, ...(namespaces ? { namespaces } : {}), from }] },
          [role(trustOf('system:serviceaccount:shop:api'))],
        ),
      },
    )
  test('access policies lead to what their rules take, in their scope', () => {
    const leads = (judged: Judged): readonly boolean[] =>
      [CONTROL_PLANE, 'Secret/shop/s', 'Secret/else/t'].map((to) => judged.controls(APP_NODE, to))
    assert.deepEqual(leads(policy('AmazonEKSClusterAdminPolicy')).slice(0, 1), [true])
    assert.deepEqual(leads(policy('AmazonEKSAdminViewPolicy')), [false, true, true])
    assert.deepEqual(leads(policy('AmazonEKSAdminViewPolicy', ['sh*'])), [false, true, false])
    assert.deepEqual(leads(policy('AmazonEKSViewPolicy')), [false, false, false])
    assert.equal(policy('AmazonEKSEditPolicy', ['shop']).controls(APP_NODE, WORKLOAD), true)
  })
  test('a policy that the table does not have counts as everything, and is unknown', () => {
    const judged = policy('AmazonEKSNewPolicy')
    assert.equal(truth(judged, 'access-policy', 'AccessPolicy//AmazonEKSNewPolicy', CONTROL_PLANE), 'unknown')
    assert.ok(judged.analysis.unknowns().some(({ id }) => id === 'cloud-access-policies'))
  })
  test('a policy for viewing that reads Secrets is found', () => {
    const found = (name: string): readonly string[] =>
      policy(name)
        .analysis.findings()
        .map(({ check }) => check)
        .filter((each) => each === 'cloud-policy-reads-secrets')
    assert.deepEqual(found('AmazonEKSAdminViewPolicy'), ['cloud-policy-reads-secrets'])
    assert.deepEqual(found('AmazonEKSViewPolicy'), [])
    assert.deepEqual(found('AmazonEKSEditPolicy'), [])
  })
})

describe('whoever may edit aws-auth', () => {
  const text = (verb: string, name = 'aws-auth'): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system}
data: {}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r, namespace: kube-system}
rules: [{apiGroups: [''], resources: [configmaps], resourceNames: [${name}], verbs: [${verb}]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: kube-system}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
subjects: [{kind: User, name: bob, apiGroup: rbac.authorization.k8s.io}]
`
  const edge = (source: string, mode?: 'CONFIG_MAP' | 'API'): string =>
    truth(
      analyseText(source, { cloud: mode ? cloud({ clusters: [{ name: 'c', mode, from }] }) : NO_CLOUD }),
      'edit-aws-auth',
      'User//bob',
      'Group//system:masters',
    )
  test('becomes cluster-admin where the mode lets it count', () => {
    assert.equal(edge(text('patch'), 'CONFIG_MAP'), 'yes')
    assert.equal(edge(text('update')), 'unknown')
    assert.equal(edge(text('patch'), 'API'), 'none')
    assert.equal(edge(text('get'), 'CONFIG_MAP'), 'none')
    assert.equal(edge(text('patch', 'other'), 'CONFIG_MAP'), 'none')
  })
  test('not in a cluster that is none of EKS', () => {
    assert.equal(edge(text('patch').replaceAll('aws-auth', 'plain')), 'none')
  })
})

describe('whoever makes service accounts that a role trusts', () => {
  const rbac = (resources: string): string => `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r, namespace: shop}
rules: [{apiGroups: [''], resources: [${resources}], verbs: [create]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
subjects: [{kind: User, name: bob, apiGroup: rbac.authorization.k8s.io}]
`
  const edge = (resources: string, subject: string): string =>
    truth(
      analyseText(workload() + rbac(resources), { cloud: cloud(OURS, [role(trustOf(subject, 'StringLike'))]) }),
      'new-account-role',
      'User//bob',
      APP_NODE,
    )
  test('needs the account, a pod or token of it, and a pattern that admits it', () => {
    assert.equal(edge('serviceaccounts, pods', 'system:serviceaccount:shop:*'), 'yes')
    assert.equal(edge('serviceaccounts, serviceaccounts/token', 'system:serviceaccount:*'), 'yes')
    assert.equal(edge('serviceaccounts', 'system:serviceaccount:shop:*'), 'none')
    assert.equal(edge('pods', 'system:serviceaccount:shop:*'), 'none')
    assert.equal(edge('serviceaccounts, pods', 'system:serviceaccount:else:*'), 'none')
    assert.equal(edge('serviceaccounts, pods', 'system:serviceaccount:shop:api'), 'none')
  })
})

describe('the metadata service of nodes', () => {
  const node = (id: string, labels = ''): string => `
---
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {pool: a${labels}}}
spec: {providerID: '${id}'}
`
  const deny = `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: e, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.169.254/32]}}]}]
`
  const NODES = 'arn:aws:iam::111122223333:role/nodes'
  const profile = 'arn:aws:iam::111122223333:instance-profile/nodes'
  const exports = (hopLimit: number): CloudExports =>
    cloud({ ...OURS, metadata: [{ instance: 'i-1', profile, hopLimit, disabled: false, from }] }, [
      role(undefined, { arn: NODES, name: 'nodes', instanceProfiles: [profile] }),
    ])
  const edge = (text: string, given: CloudExports, to = `CloudIdentity/aws/${NODES}`): string =>
    truth(analyseText(text, { cloud: given, enforced: 'yes' }), 'metadata', WORKLOAD, to)
  const here = node('aws:///eu-west-1a/i-1')
  test('hop limit, host network and egress decide', () => {
    assert.equal(edge(workload({ spec: 'nodeName: n1,' }) + here, exports(2)), 'yes')
    assert.equal(edge(workload({ spec: 'nodeName: n1,' }) + here, exports(1)), 'none')
    assert.equal(edge(workload({ spec: 'nodeName: n1, hostNetwork: true,' }) + here, exports(1)), 'yes')
    assert.equal(edge(workload({ spec: 'nodeName: n1,' }) + here + deny, exports(2)), 'none')
    assert.equal(
      edge(workload({ spec: 'nodeName: n1,' }) + here, NO_CLOUD, 'CloudIdentity/aws/node role of default'),
      'unknown',
    )
  })
  test('pods that reach it are found once for a role', () => {
    const found = analyseText(workload({ spec: 'nodeName: n1,' }) + here, { cloud: exports(2) }).analysis.findings()
    assert.equal(found.filter(({ check }) => check === 'cloud-node-role-reachable').length, 1)
  })
  test('the metadata server of GKE answers in its place, but on the host network', () => {
    const to = 'CloudIdentity/gcp/service account of nodes default'
    const shielded = node('gce://p/z/n1', ", iam.gke.io/gke-metadata-server-enabled: 'true'")
    assert.equal(edge(workload({ spec: 'nodeName: n1,' }) + shielded, NO_CLOUD, to), 'none')
    assert.equal(edge(workload({ spec: 'nodeName: n1, hostNetwork: true,' }) + shielded, NO_CLOUD, to), 'unknown')
    assert.equal(edge(workload({ spec: 'nodeName: n1,' }) + node('gce://p/z/n1'), NO_CLOUD, to), 'unknown')
  })
})

describe('Google Cloud', () => {
  const GSA = 'app@p.iam.gserviceaccount.com'
  const annotation = `iam.gke.io/gcp-service-account: ${GSA}`
  const user = (member: string, email = GSA, role_ = 'roles/iam.workloadIdentityUser'): CloudExports => ({
    ...NO_CLOUD,
    gcp: {
      ...NO_CLOUD.gcp,
      bindings: [{ resource: `//iam.googleapis.com/projects/p/serviceAccounts/${email}`, role: role_, member, from }],
    },
  })
  const node = '\n---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\nspec: {providerID: gce://p/z/n1}\n'
  const edge = (annotated: boolean, exports: CloudExports, to = `CloudIdentity/gcp/${GSA}`): string =>
    truth(analyseText(workload(annotated ? { annotation } : {}) + node, { cloud: exports }), 'cloud-role', API, to)
  test('annotation and binding, in both spellings', () => {
    assert.equal(edge(true, NO_CLOUD), 'unknown')
    assert.equal(edge(true, user('serviceAccount:p.svc.id.goog[shop/api]')), 'yes')
    assert.equal(
      edge(
        true,
        user(
          'principal://iam.googleapis.com/projects/9/locations/global/workloadIdentityPools/p.svc.id.goog/subject/ns/shop/sa/api',
        ),
      ),
      'yes',
    )
    assert.equal(edge(true, user('serviceAccount:p.svc.id.goog[shop/web]')), 'none')
    assert.equal(edge(true, user('serviceAccount:q.svc.id.goog[shop/api]')), 'none')
  })
  test('the binding alone suffices', () => {
    assert.equal(edge(false, user('serviceAccount:p.svc.id.goog[shop/api]')), 'yes')
    assert.equal(edge(false, user('serviceAccount:p.svc.id.goog[shop/web]')), 'none')
  })
  test('a principal of its own', () => {
    const set =
      'principalSet://iam.googleapis.com/projects/9/locations/global/workloadIdentityPools/p.svc.id.goog/namespace/shop'
    assert.equal(edge(false, user(set, GSA, 'roles/storage.admin'), 'CloudIdentity/gcp/p.svc.id.goog[shop/api]'), 'yes')
  })
})

describe('Azure', () => {
  const annotation = 'azure.workload.identity/client-id: c1'
  const label = ", azure.workload.identity/use: 'true'"
  const exports = (subject: string): CloudExports => ({
    ...NO_CLOUD,
    azure: {
      ...NO_CLOUD.azure,
      identities: [{ id: '/i', name: 'i', clientId: 'c1', from }],
      federations: [{ identity: '/i', issuer: 'https://i', subject, from }],
      assignments: [],
      clusters: [],
    },
  })
  const edges = (labels: string, given: CloudExports): readonly string[] => {
    const judged = analyseText(workload({ annotation, labels }), { cloud: given })
    return [
      truth(judged, 'cloud-role', API, 'CloudIdentity/azure/c1'),
      truth(judged, 'cloud-token', WORKLOAD, 'CloudIdentity/azure/c1'),
    ]
  }
  test('annotation, label and federated credential', () => {
    assert.deepEqual(edges(label, NO_CLOUD), ['unknown', 'unknown'])
    assert.deepEqual(edges(label, exports('system:serviceaccount:shop:api')), ['yes', 'yes'])
    assert.deepEqual(edges('', exports('system:serviceaccount:shop:api')), ['yes', 'none'])
    assert.deepEqual(edges(label, exports('system:serviceaccount:shop:web')), ['none', 'none'])
  })
})

test('roles of Azure that administer the cluster are drawn where the scope holds it', () => {
  const id = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/k'
  const text = `${workload({ annotation: 'azure.workload.identity/client-id: c1' })}
---
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {kubernetes.azure.com/cluster: MC_g_k_west}}
`
  const edge = (scope: string, role_ = 'Azure Kubernetes Service Cluster Admin Role'): string =>
    truth(
      analyseText(text, {
        cloud: {
          ...NO_CLOUD,
          azure: {
            ...NO_CLOUD.azure,
            identities: [{ id: '/i', name: 'i', clientId: 'c1', principalId: 'o', from }],
            federations: [],
            assignments: [{ principalId: 'o', isGroup: false, role: role_, scope, from }],
            clusters: [{ id, nodeResourceGroup: 'MC_g_k_west', azureRbac: false, from }],
          },
        },
      }),
      'cluster-credential',
      'CloudIdentity/azure/c1',
      CONTROL_PLANE,
    )
  assert.equal(edge(id), 'unknown')
  assert.equal(edge('/subscriptions/S'), 'unknown')
  assert.equal(edge('/subscriptions/other'), 'none')
  assert.equal(edge(id, 'Reader'), 'none')
})

describe('what a principal of AWS becomes and reaches', () => {
  const allow = (Action: string, Resource: string): Json => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource }],
  })
  const OTHER = 'arn:aws:iam::111122223333:role/other'
  const trusting: Json = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'sts:AssumeRole' }],
  }
  const with_ = (document: Json, mode: 'API' | 'CONFIG_MAP' = 'API'): Judged =>
    analyseText(workload({ annotation: IRSA }), {
      cloud: cloud(
        { clusters: [{ name: 'c', arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/c', mode, issuer: ISSUER, from }] },
        [
          role(trustOf('system:serviceaccount:shop:api'), { policies: [{ name: 'p', document }] }),
          role(trusting, {
            arn: OTHER,
            name: 'other',
            policies: [{ name: 'p', document: allow('s3:GetObject', 'arn:aws:s3:::b/*') }],
          }),
        ],
      ),
    })
  const reaches = (judged: Judged, to: string): boolean => judged.controls(WORKLOAD, to)
  test('from a pod through its role to another, and to what that one reads', () => {
    const judged = with_(allow('sts:AssumeRole', OTHER))
    assert.ok(reaches(judged, `CloudIdentity/aws/${OTHER}`))
    assert.ok(reaches(judged, 'CloudAsset/aws/s3 arn:aws:s3:::b/*'))
    assert.ok(judged.analysis.assets.some(({ id }) => id === 'external/aws/s3 arn:aws:s3:::b/*'))
    assert.ok(!reaches(judged, CONTROL_PLANE))
  })
  test('without the right to assume it, nothing of the other', () => {
    const judged = with_(allow('s3:GetObject', 'arn:aws:s3:::mine/*'))
    assert.ok(reaches(judged, 'CloudAsset/aws/s3 arn:aws:s3:::mine/*'))
    assert.ok(!reaches(judged, 'CloudAsset/aws/s3 arn:aws:s3:::b/*'))
  })
  test('beyond a bound principals are counted, not dropped in silence', () => {
    const chain = Array.from({ length: 503 }, (_, index) =>
      role(index === 0 ? trustOf('system:serviceaccount:shop:api') : trusting, {
        arn: index === 0 ? APP : `${APP}${index}`,
        name: index === 0 ? 'app' : `app${index}`,
        policies: [{ name: 'p', document: allow('sts:AssumeRole', `${APP}${index + 1}`) }],
      }),
    )
    const judged = analyseText(workload({ annotation: IRSA }), { cloud: cloud(OURS, chain) })
    const told = judged.analysis.unknowns().find(({ id }) => id === 'cloud-principals')
    assert.equal(told?.count, 1)
    assert.ok(judged.controls(WORKLOAD, `CloudIdentity/aws/${APP}500`))
  })
  test('an administrator of the account makes an access entry, where the mode has them', () => {
    assert.ok(reaches(with_(allow('*', '*')), CONTROL_PLANE))
    assert.ok(!reaches(with_(allow('*', '*'), 'CONFIG_MAP'), CONTROL_PLANE))
    assert.ok(reaches(with_(allow('eks:AssociateAccessPolicy', '*')), CONTROL_PLANE))
    assert.ok(!reaches(with_(allow('eks:DescribeCluster', '*')), CONTROL_PLANE))
  })
})

test('a cluster without cloud things has no cloud edges, findings or unknowns', () => {
  const { analysis } = analyseText(workload())
  const own = (each: string): boolean => each.startsWith('cloud-')
  assert.deepEqual(
    analysis.edges.filter(({ to, from: a }) => `${a} ${to}`.includes('CloudIdentity/')),
    [],
  )
  assert.deepEqual(
    [...analysis.findings().map(({ check }) => check), ...analysis.unknowns().map(({ id }) => id)].filter(own),
    [],
  )
})
