import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { because } from '../../cluster/because.ts'
import { NO_CLOUD } from '../../cluster/cloud/exports.ts'
import type { GcpBoundary, GcpBoundaryBinding, GcpExports } from '../../cluster/cloud/gcp-exports.ts'
import { analyseText } from '../../loop.testing.ts'
import { type GcpAsked, gcpDecide } from './gcp/decide.ts'
import type { GcpWho } from './gcp/members.ts'
import { gcpWorld } from './gcp-world.ts'

const from = because('an export')
const APP = 'app@p.iam.gserviceaccount.com'
const WHO: GcpWho = { kind: 'serviceAccount', email: APP }
const POLICY = 'organizations/1/locations/global/principalAccessBoundaryPolicies/own'

const boundary = (resources: readonly string[], more: Partial<GcpBoundary> = {}): GcpBoundary => ({
  name: POLICY,
  resources,
  version: '4',
  from,
  ...more,
})
const bound = (principalSet: string, more: Partial<GcpBoundaryBinding> = {}): GcpBoundaryBinding => ({
  policy: POLICY,
  principalSet,
  from: because('the boundary'),
  ...more,
})
const place = (name: string): string => `//cloudresourcemanager.googleapis.com/${name}`

function exports(gcp: Partial<GcpExports>): Pick<typeof NO_CLOUD, 'gcp'> {
  return {
    gcp: {
      ...NO_CLOUD.gcp,
      bindings: ['p', 'q'].flatMap((project) =>
        [
          'roles/secretmanager.secretAccessor',
          'roles/container.admin',
          'roles/compute.admin',
          'roles/storage.objectViewer',
        ].map((role) => ({
          resource: `projects/${project}`,
          role,
          member: `serviceAccount:${APP}`,
          from,
        })),
      ),
      parents: new Map([
        ['projects/p', ['folders/2']],
        ['projects/q', ['folders/3']],
        ['folders/2', ['organizations/1']],
        ['folders/3', ['organizations/1']],
      ]),
      roles: new Map([['roles/compute.admin', ['compute.instances.setMetadata']]]),
      projects: new Map([
        ['11', 'p'],
        ['22', 'q'],
      ]),
      ...gcp,
    },
  }
}
const may = (gcp: Partial<GcpExports>, asked: Partial<GcpAsked> = {}): string =>
  gcpDecide(
    { who: WHO, permission: 'secretmanager.versions.access', resource: 'projects/q', ...asked },
    gcpWorld(exports(gcp)),
  ).answer
const own = { boundaries: [boundary(['projects/p'])], boundaryBindings: [bound(place('projects/p'))] }

describe('principal access boundaries', () => {
  test('keep accounts of a project to what the policy names, and what is below it', () => {
    assert.equal(may({}), 'yes')
    assert.equal(may(own), 'no')
    assert.equal(may(own, { resource: 'projects/p' }), 'yes')
    assert.equal(may({ ...own, boundaries: [boundary(['folders/3'])] }), 'yes')
    assert.equal(may({ ...own, boundaries: [boundary(['organizations/1'])] }), 'yes')
    assert.equal(may({ ...own, boundaries: [boundary(['folders/2'])] }), 'no')
    assert.equal(may({ ...own, boundaries: [boundary(['projects/22'])] }), 'yes')
  })
  test('the reason is the binding', () => {
    const decided = gcpDecide(
      { who: WHO, permission: 'secretmanager.versions.access', resource: 'projects/q' },
      gcpWorld(exports(own)),
    )
    assert.deepEqual(
      decided.because.map(({ rule }) => rule.origin),
      [own.boundaryBindings[0]?.from],
    )
  })
  test('block what their version blocks, and nothing else', () => {
    const blocked = (permission: string, version: string | undefined): string =>
      may(
        { ...own, boundaries: [boundary(['projects/p'], version === undefined ? { version: 'latest' } : { version })] },
        { permission },
      )
    assert.deepEqual(
      ['1', '2', '3', '4', '9', undefined].map((version) => blocked('secretmanager.versions.access', version)),
      ['yes', 'yes', 'yes', 'no', 'maybe', 'maybe'],
    )
    assert.deepEqual(
      ['1', '2', '3', '4', undefined].map((version) => blocked('container.pods.exec', version)),
      ['yes', 'yes', 'no', 'no', 'no'],
    )
    assert.deepEqual(
      ['1', '2'].map((version) => blocked('storage.objects.list', version)),
      ['yes', 'no'],
    )
    // Instances are in none of the versions.
    assert.deepEqual(
      ['3', '4', '9'].map((version) => blocked('compute.instances.setMetadata', version)),
      ['yes', 'yes', 'maybe'],
    )
  })
  test('hold for those of the set alone', () => {
    const to = (principalSet: string, who: GcpWho = WHO): string => {
      const world = exports({ ...own, boundaryBindings: [bound(principalSet)] })
      const member =
        who.kind === 'workload'
          ? 'serviceAccount:p.svc.id.goog[shop/api]'
          : who.kind === 'user'
            ? `user:${who.email}`
            : who.kind === 'member'
              ? who.member
              : `serviceAccount:${APP}`
      const bindings = [{ resource: 'projects/q', role: 'roles/secretmanager.secretAccessor', member, from }]
      return gcpDecide(
        { who, permission: 'secretmanager.versions.access', resource: 'projects/q' },
        gcpWorld({ gcp: { ...world.gcp, bindings } }),
      ).answer
    }
    const pod: GcpWho = {
      kind: 'workload',
      pool: 'p.svc.id.goog',
      projectNumber: '11',
      namespace: 'shop',
      serviceAccount: 'api',
    }
    const al: GcpWho = { kind: 'user', email: 'al@x.example' }
    const ops: GcpWho = { kind: 'member', member: 'group:ops@x.example' }
    const pool = '//iam.googleapis.com/projects/11/locations/global/workloadIdentityPools/p.svc.id.goog'
    const workspace = '//iam.googleapis.com/locations/global/workspace/C1'
    const table = [
      place('projects/p'),
      place('projects/11'),
      place('folders/2'),
      place('organizations/1'),
      place('projects/q'),
      place('folders/3'),
      pool,
      workspace,
    ]
    const answers = (who: GcpWho): readonly string[] => table.map((set) => to(set, who))
    assert.deepEqual(answers(WHO), ['no', 'no', 'no', 'no', 'yes', 'yes', 'yes', 'yes'])
    assert.deepEqual(answers(pod), ['no', 'no', 'no', 'no', 'yes', 'yes', 'no', 'yes'])
    assert.deepEqual(answers(al), ['yes', 'yes', 'yes', 'maybe', 'yes', 'yes', 'yes', 'maybe'])
    assert.deepEqual(answers(ops), ['yes', 'yes', 'yes', 'maybe', 'yes', 'yes', 'yes', 'maybe'])
  })
  test('conditions ask for the principal', () => {
    const if_ = (condition: string): string =>
      may({ ...own, boundaryBindings: [bound(place('projects/p'), { condition })] })
    assert.equal(if_("principal.type == 'iam.googleapis.com/ServiceAccount'"), 'no')
    assert.equal(if_("principal.type == 'iam.googleapis.com/WorkspaceIdentity'"), 'yes')
    assert.equal(if_(`principal.subject != '${APP}'`), 'yes')
    assert.equal(if_('principal.'), 'maybe')
  })
  test('several add up', () => {
    const other = boundary(['projects/q'], { name: `${POLICY}2` })
    const sets = [bound(place('projects/p')), bound(place('folders/2'), { policy: other.name })]
    assert.equal(may({ boundaries: [boundary(['projects/p']), other], boundaryBindings: sets }), 'yes')
  })
  test('what is not told leaves it open, and is told', () => {
    assert.equal(may({ boundaryBindings: own.boundaryBindings }), 'maybe')
    assert.equal(may({ ...own, parents: new Map(), boundaries: [boundary(['folders/3'])] }), 'maybe')
    // Of a policy that is bound to nobody, nothing follows.
    assert.equal(may({ boundaries: own.boundaries }), 'yes')
    const count = (gcp: Partial<GcpExports>): number | undefined =>
      analyseText('apiVersion: v1\nkind: Namespace\nmetadata: {name: a}', { cloud: { ...NO_CLOUD, ...exports(gcp) } })
        .analysis.unknowns()
        .find(({ id }) => id === 'cloud-boundaries')?.count
    assert.deepEqual(
      [count(own), count({ boundaryBindings: own.boundaryBindings }), count({ boundaries: own.boundaries })],
      [undefined, 1, 1],
    )
  })
  test('a hostile export: many bindings, and names of Object.prototype', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => bound(`__proto__${index}`, { policy: '__proto__' }))
    const before = process.cpuUsage().user
    assert.equal(may({ boundaries: [boundary(['__proto__'], { name: '__proto__' })], boundaryBindings: many }), 'maybe')
    assert.ok((process.cpuUsage().user - before) / 1e6 < 5)
  })
})
