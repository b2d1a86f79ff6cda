import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { because } from '../../cluster/because.ts'
import { type AwsExports, type AwsRole, type CloudExports, NO_CLOUD } from '../../cluster/cloud/exports.ts'
import type { Json } from '../../cluster/json.ts'
import { analyseText, type Judged } from '../../loop.testing.ts'

const from = because('an export')
const ACCOUNT = '111122223333'
const APP = `arn:aws:iam::${ACCOUNT}:role/app`
const ISSUER = 'oidc.eks.eu-west-1.amazonaws.com/id/X'
const ROOT = 'r-ab12'

const clusterText = (annotation: string): string => `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: api, namespace: shop, annotations: {${annotation}}}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop}
spec: {serviceAccountName: api, containers: [{name: c, image: x}]}
`
const IRSA = `eks.amazonaws.com/role-arn: '${APP}'`

const web = (Action = 'sts:AssumeRoleWithWebIdentity'): Json => ({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}` },
    Action,
    Condition: { StringEquals: { [`${ISSUER}:sub`]: 'system:serviceaccount:shop:api' } },
  },
})
const POD_IDENTITY: Json = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'pods.eks.amazonaws.com' }, Action: ['sts:AssumeRole', 'sts:TagSession'] },
  ],
}
const deny = (Action: Json, Condition?: Json): Json => ({
  Effect: 'Deny',
  Principal: '*',
  Action,
  Resource: '*',
  ...(Condition === undefined ? {} : { Condition }),
})

/** All that AWS tells of an account below a root, with a resource control policy at the root. */
function exports(trust: Json, statement: Json | undefined, more: Partial<AwsExports> = {}): CloudExports {
  const role: AwsRole = {
    arn: APP,
    name: 'app',
    trust,
    policies: [],
    toldPolicies: true,
    instanceProfiles: [],
    tags: new Map(),
    from,
  }
  const ids = statement === undefined ? ['p-RCPFullAWSAccess'] : ['p-RCPFullAWSAccess', 'p-rcp']
  return {
    ...NO_CLOUD,
    aws: {
      ...NO_CLOUD.aws,
      roles: [role],
      parents: new Map([[ACCOUNT, ROOT]]),
      attached: new Map([
        [`RCP ${ACCOUNT}`, ['p-RCPFullAWSAccess']],
        [`RCP ${ROOT}`, ids],
      ]),
      roots: [{ id: ROOT, enabled: ['RESOURCE_CONTROL_POLICY'] }],
      controls:
        statement === undefined
          ? []
          : [
              {
                type: 'RCP',
                id: 'p-rcp',
                name: 'guard',
                document: { Version: '2012-10-17', Statement: [statement] },
                targets: [],
                from: { ...from, place: { file: 'rcp.json', line: 7 } },
              },
            ],
      ...more,
    },
    eks: {
      ...NO_CLOUD.eks,
      clusters: [{ name: 'c', mode: 'API', issuer: ISSUER, from }],
      podIdentities: [{ namespace: 'shop', account: 'api', role: APP, from }],
    },
  }
}

const edgeOf = (judged: Judged, rule: string) =>
  judged.analysis.edges.find((each) => each.kind === 'cloud-role' && each.rule === rule)

function truth(rule: 'irsa' | 'pod-identity', statement: Json | undefined, more: Partial<AwsExports> = {}): string {
  const trust = rule === 'irsa' ? web() : POD_IDENTITY
  const cloud = exports(trust, statement, more)
  const judged = analyseText(clusterText(rule === 'irsa' ? IRSA : ''), {
    cloud: rule === 'irsa' ? { ...cloud, eks: { ...cloud.eks, podIdentities: [] } } : cloud,
  })
  return edgeOf(judged, rule)?.truth ?? 'none'
}

describe('resource control policies on who may assume a role', () => {
  test('without one, IRSA and Pod Identity are as the trust policy has them', () => {
    assert.equal(truth('irsa', undefined), 'yes')
    assert.equal(truth('pod-identity', undefined), 'yes')
  })
  test('a denial of the action takes the edge away, one of another action does not', () => {
    assert.equal(truth('irsa', deny('sts:AssumeRoleWithWebIdentity')), 'none')
    assert.equal(truth('irsa', deny('sts:*')), 'none')
    assert.equal(truth('irsa', deny('sts:AssumeRole')), 'yes')
    assert.equal(truth('pod-identity', deny('sts:AssumeRole')), 'none')
    assert.equal(truth('pod-identity', deny('sts:AssumeRoleWithWebIdentity')), 'yes')
    assert.equal(truth('irsa', deny('s3:*')), 'yes')
  })
  test('denying sts:TagSession leaves an association that tags no session', () => {
    assert.equal(truth('pod-identity', deny('sts:TagSession')), 'unknown')
  })
  test('the management account is free of them, and so is an organisation that has them switched off', () => {
    const denial = deny('sts:*')
    assert.equal(truth('irsa', denial, { organizations: new Map([[ACCOUNT, 'o-1']]) }), 'yes')
    assert.equal(truth('irsa', denial, { roots: [{ id: ROOT, enabled: ['SERVICE_CONTROL_POLICY'] }] }), 'yes')
  })
  test('conditions on the token are known, so that other issuers and subjects can be shut out', () => {
    const only = (sub: string): Json =>
      deny('sts:AssumeRoleWithWebIdentity', { StringNotEquals: { [`${ISSUER}:sub`]: sub } })
    assert.equal(truth('irsa', only('system:serviceaccount:shop:api')), 'yes')
    assert.equal(truth('irsa', only('system:serviceaccount:shop:other')), 'none')
  })
  test('a condition that no export tells leaves it unknown, and the edge says on what it rests', () => {
    const denial = deny('sts:AssumeRoleWithWebIdentity', { StringNotEqualsIfExists: { 'aws:SourceIp': '10.0.0.1' } })
    assert.equal(truth('irsa', denial), 'unknown')
    const cloud = exports(web(), denial)
    const judged = analyseText(clusterText(IRSA), { cloud: { ...cloud, eks: { ...cloud.eks, podIdentities: [] } } })
    const told = edgeOf(judged, 'irsa')?.because.find(({ text }) => text.includes('guard'))
    assert.equal(told?.text, 'policy guard: Statement.0 denies it, which rests on aws:SourceIp')
    assert.deepEqual(told?.place, { file: 'rcp.json', line: 7 })
  })
  test('a perimeter that spares services of AWS spares Pod Identity', () => {
    const perimeter = deny('sts:*', {
      StringNotEqualsIfExists: { 'aws:PrincipalOrgID': 'o-1' },
      BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
    })
    assert.equal(truth('pod-identity', perimeter), 'yes')
    assert.equal(truth('irsa', perimeter), 'unknown')
  })
  test('services may act for accounts of the organisation alone: that of the association is known', () => {
    const confused = (organization: string): Json =>
      deny('sts:AssumeRole', {
        StringNotEqualsIfExists: { 'aws:SourceOrgID': organization },
        Bool: { 'aws:PrincipalIsAWSService': 'true' },
      })
    const organizations = new Map([['999999999999', 'o-1']])
    assert.equal(truth('pod-identity', confused('o-1'), { organizations }), 'yes')
    assert.equal(truth('pod-identity', confused('o-2'), { organizations }), 'none')
    assert.equal(truth('pod-identity', confused('o-1')), 'unknown')
  })
  test('a level whose policies are not told may deny anything', () => {
    const attached = new Map([[`RCP ${ACCOUNT}`, ['p-RCPFullAWSAccess']]])
    assert.equal(truth('irsa', undefined, { attached }), 'unknown')
  })
  test('nothing but an association and a policy: no role in the export, no claim', () => {
    assert.equal(truth('pod-identity', deny('sts:*'), { roles: [] }), 'unknown')
  })
})
