import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { accessOf } from '../../access.ts'
import type { CloudExports } from '../../cluster/cloud/exports.ts'
import { buildCluster } from '../../cluster/cluster.ts'
import { parseSubject } from '../../cluster/subject-text.ts'
import { objectsOf } from '../../cluster/testing.ts'
import { analyseText, type Judged } from '../../loop.testing.ts'
import { readCloud } from '../../observe/cloud/read.ts'
import { can } from '../access/questions/can.ts'
import { questionOf } from '../access/questions/words.ts'
import { CONTROL_PLANE } from '../engine.ts'
import { cloudAuthorizers } from './authorizers.ts'

const CLUSTER = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: api, namespace: shop}
---
apiVersion: v1
kind: Node
metadata: {name: n1}
spec: {providerID: gce://acme-prod/z/n1}
`
const APP = 'serviceAccount:app@acme-prod.iam.gserviceaccount.com'
const id = (name: string): string => `CloudIdentity/gcp/${name}`

async function exported(...texts: readonly string[]): Promise<CloudExports> {
  const root = mkdtempSync(join(tmpdir(), 'google-'))
  try {
    for (const [index, text] of texts.entries()) writeFileSync(join(root, `${index}.yaml`), text)
    return (await readCloud([root])).cloud
  } finally {
    rmSync(root, { recursive: true })
  }
}

interface Granted {
  readonly on?: string
  readonly role: string
  readonly members: readonly string[]
  readonly condition?: string
}

/** As gcloud projects get-ancestors-iam-policy writes it. */
function ancestors(granted: readonly Granted[]): string {
  const places: readonly (readonly [string, string])[] = [
    ['acme-prod', 'project'],
    ["'99'", 'folder'],
    ["'1'", 'organization'],
  ]
  return places
    .map(([place, type]) => {
      const bindings = granted
        .filter(({ on = 'project' }) => on === type)
        .map(
          ({ role, members, condition }) =>
            `  - members:\n${members.map((each) => `    - ${each}\n`).join('')}    role: ${role}\n${condition === undefined ? '' : `    condition: {expression: '${condition}', title: t}\n`}`,
        )
      return `---\nid: ${place}\npolicy:\n  bindings:${bindings.length === 0 ? ' []\n' : `\n${bindings.join('')}`}  etag: BwX\ntype: ${type}\n`
    })
    .join('')
}

/** As gcloud asset search-all-iam-policies writes what it finds of a service account. */
const searched = (email: string, member = 'user:nobody@acme.com'): string => `---
assetType: iam.googleapis.com/ServiceAccount
folders:
- folders/99
organization: organizations/1
policy:
  bindings:
  - members:
    - ${member}
    role: roles/iam.workloadIdentityUser
project: projects/555000111
resource: //iam.googleapis.com/projects/acme-prod/serviceAccounts/${email}
`
const ACCOUNTS =
  searched('app@acme-prod.iam.gserviceaccount.com', 'serviceAccount:acme-prod.svc.id.goog[shop/api]') +
  searched('big@acme-prod.iam.gserviceaccount.com')
const ADMIN = id('administrator of projects/acme-prod')
const SELF = id(APP.slice('serviceAccount:'.length))

async function judge(granted: readonly Granted[], ...more: readonly string[]): Promise<Judged> {
  return analyseText(CLUSTER, { cloud: await exported(ancestors(granted), ACCOUNTS, ...more) })
}

function truth({ analysis }: Judged, kind: string, from: string, to: string): string {
  return analysis.edges.find((each) => each.kind === kind && each.from === from && each.to === to)?.truth ?? 'none'
}

describe('who administers a project', () => {
  test('a role on a folder that grants roles on projects: of each project below, under one name', async () => {
    const on = { on: 'folder', role: 'roles/resourcemanager.projectIamAdmin', members: [APP] }
    const judged = await judge([on])
    assert.equal(truth(judged, 'gcp-becomes', SELF, ADMIN), 'yes')
    assert.equal(truth(judged, 'gcp-becomes', SELF, id('administrator of folders/99')), 'none')
    assert.equal(truth(judged, 'gcp-cluster-access', SELF, CONTROL_PLANE), 'yes')
    assert.deepEqual(
      judged.analysis.edges.filter(({ to }) => to === id('administrator of projects/555000111')),
      [],
    )
  })
  test('who grants roles on the organisation is asked of nothing below it', async () => {
    const judged = await judge([
      { on: 'organization', role: 'roles/resourcemanager.organizationAdmin', members: [APP] },
    ])
    assert.equal(truth(judged, 'gcp-becomes', SELF, id('administrator of organizations/1')), 'yes')
    assert.equal(truth(judged, 'gcp-becomes', SELF, ADMIN), 'none')
  })
  test('securityAdmin sets policies of all services; securityReviewer of none', async () => {
    assert.equal(
      truth(await judge([{ role: 'roles/iam.securityAdmin', members: [APP] }]), 'gcp-becomes', SELF, ADMIN),
      'yes',
    )
    assert.equal(
      truth(await judge([{ role: 'roles/iam.securityReviewer', members: [APP] }]), 'gcp-becomes', SELF, ADMIN),
      'none',
    )
  })
  test('a policy of which is not told on what it is', async () => {
    const loose = `bindings:\n- members:\n  - ${APP}\n  role: roles/resourcemanager.projectIamAdmin\n- members:\n  - ${APP}\n  role: roles/storage.admin\netag: x\n`
    const judged = await judge([], loose)
    assert.equal(truth(judged, 'gcp-becomes', SELF, ADMIN), 'unknown')
    assert.equal(truth(judged, 'gcp-reaches', SELF, 'CloudAsset/gcp/storage of a project that is not named'), 'unknown')
  })
})

describe('roles that are in no table and in no export', () => {
  const counted = ({ analysis }: Judged) => analysis.unknowns().find((each) => each.id === 'cloud-google-roles')
  test('of a service that holds its own permissions alone nothing else; of others anything; counted once each', async () => {
    const judged = await judge([
      { role: 'roles/logging.logWriter', members: [APP, 'user:al@acme.com'] },
      { role: 'roles/composer.worker', members: ['user:al@acme.com'] },
      { role: 'projects/acme-prod/roles/ops', members: ['user:bo@acme.com'] },
    ])
    assert.deepEqual(
      judged.analysis.edges.filter(({ kind, from }) => kind.startsWith('gcp-') && from === SELF),
      [],
    )
    assert.equal(truth(judged, 'gcp-becomes', id('al@acme.com'), ADMIN), 'unknown')
    assert.equal(truth(judged, 'gcp-becomes', id('bo@acme.com'), ADMIN), 'unknown')
    assert.equal(counted(judged)?.count, 3)
  })
  test('a role of the table, one of an export and a basic one are none', async () => {
    const role = 'name: projects/acme-prod/roles/ops\nincludedPermissions: [logging.logEntries.create]\n'
    const judged = await judge(
      [
        { role: 'roles/container.viewer', members: ['user:al@acme.com'] },
        { role: 'roles/container.defaultNodeServiceAccount', members: [APP] },
        { role: 'projects/acme-prod/roles/ops', members: ['user:bo@acme.com'] },
        { role: 'roles/viewer', members: ['user:cy@acme.com'] },
      ],
      role,
    )
    assert.equal(counted(judged), undefined)
    assert.equal(truth(judged, 'holds-policy', id('bo@acme.com'), 'AccessPolicy//projects/acme-prod/roles/ops'), 'none')
    assert.deepEqual(
      judged.analysis.edges.filter(({ from }) => from === SELF),
      [],
    )
  })
  test('viewer reads data perhaps, and changes none', async () => {
    const judged = await judge([{ role: 'roles/viewer', members: ['user:cy@acme.com'] }])
    const edge = judged.analysis.edges.find(
      ({ from, to }) => from === id('cy@acme.com') && to === 'CloudAsset/gcp/datastore projects/acme-prod',
    )
    assert.deepEqual([edge?.truth, edge?.rule], ['unknown', 'read'])
    assert.equal(truth(judged, 'gcp-becomes', id('cy@acme.com'), ADMIN), 'none')
  })
})

describe('who comes into the cluster', () => {
  const asked = async (granted: readonly Granted[], who: string) => {
    const cloud = await exported(ancestors(granted))
    const cluster = buildCluster({ objects: objectsOf(CLUSTER), listed: new Set(), locate: () => undefined })
    const view = accessOf({
      cluster,
      asOf: 0,
      authorizers: cloudAuthorizers(cluster, cloud),
      doubtful: cloudAuthorizers(cluster, cloud, 'unknown'),
    })
    const question = questionOf({ verb: 'get', resource: 'secrets', namespace: 'shop' }, cluster, 'one')
    const { allowed, unknowns } = can(view, parseSubject(who) as never, question)
    return [allowed, unknowns.some(({ about }) => about === 'cloud-unknown')]
  }
  const ROLE = 'roles/container.admin'
  test('nobody by a member that was deleted', async () => {
    const member = 'deleted:user:old@acme.com?uid=123456789012345678901'
    const { analysis } = await judge([{ role: ROLE, members: [member] }])
    assert.deepEqual(
      analysis.edges.filter(({ from }) => from.includes('old@acme.com')),
      [],
    )
    assert.deepEqual(await asked([{ role: ROLE, members: [member] }], 'user:old@acme.com'), [false, false])
  })
  test('everybody of a domain, in any case of letters, and everybody who is known to Google', async () => {
    const domain = [{ role: ROLE, members: ['domain:Acme.com'] }]
    assert.deepEqual(await asked(domain, 'user:al@acme.com'), [true, false])
    for (const who of ['user:al@notacme.com', 'user:al@sub.acme.com', 'sa:shop/api', 'user:system:admin@acme.com'])
      assert.deepEqual(await asked(domain, who), [false, false], who)
    const all = [{ role: ROLE, members: ['allAuthenticatedUsers'] }]
    assert.deepEqual(await asked(all, 'user:al@b.org'), [true, false])
    assert.deepEqual(await asked(all, 'sa:shop/api'), [false, false])
  })
  test('what rests on a condition or on a role that is not known is told of a denial', async () => {
    const expiring = [
      { role: ROLE, members: ['user:al@acme.com'], condition: 'request.time < timestamp("2030-01-01T00:00:00Z")' },
    ]
    assert.deepEqual(await asked(expiring, 'user:al@acme.com'), [false, true])
    assert.deepEqual(await asked(expiring, 'user:bo@acme.com'), [false, false])
    const custom = [{ role: 'organizations/1/roles/ops', members: ['user:al@acme.com'] }]
    assert.deepEqual(await asked(custom, 'user:al@acme.com'), [false, true])
    assert.deepEqual(
      await asked([{ role: 'roles/logging.viewer', members: ['user:al@acme.com'] }], 'user:al@acme.com'),
      [false, false],
    )
  })
  test('who binds any ClusterRole controls the cluster; who edits pods alone does not', async () => {
    const edges = (await judge([{ role: ROLE, members: [APP] }])).analysis.edges
    const to = (role: string) => edges.filter(({ from }) => from === `AccessPolicy//${role}`).map((each) => each.to)
    assert.ok(to(ROLE).includes(CONTROL_PLANE))
    const developer = await judge([{ role: 'roles/container.developer', members: [APP] }])
    assert.equal(truth(developer, 'access-policy', 'AccessPolicy//roles/container.developer', CONTROL_PLANE), 'none')
  })
})

describe('a hostile export', () => {
  const many = async (people: number): Promise<Judged> => {
    const members = Array.from({ length: people }, (_, index) => `user:u${index}@acme.com`)
    const accounts = Array.from({ length: 400 }, (_, index) => searched(`a${index}@acme-prod.iam.gserviceaccount.com`))
    return judge([{ role: 'roles/editor', members }], ...accounts)
  }
  test('hundreds of people with all of a project: edges are bounded, the rest is counted', async () => {
    const { analysis } = await many(300)
    const becoming = analysis.edges.filter(({ kind }) => kind === 'gcp-becomes').length
    assert.ok(becoming > 10_000 && becoming < 52_000, String(becoming))
    assert.ok((analysis.unknowns().find(({ id: each }) => each === 'cloud-principals')?.count ?? 0) >= 150)
  })
  test('whoever comes in is asked before whom one of them becomes', async () => {
    const { analysis } = await many(20)
    const asked = new Set(analysis.edges.flatMap(({ kind, from }) => (kind === 'gcp-becomes' ? [from] : [])))
    for (let index = 0; index < 20; index++) assert.ok(asked.has(id(`u${index}@acme.com`)), String(index))
    assert.equal(
      analysis.unknowns().find(({ id: each }) => each === 'cloud-principals'),
      undefined,
    )
  })
})
