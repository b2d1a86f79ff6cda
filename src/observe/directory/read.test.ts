import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { departed } from '../../cluster/directory.ts'
import { type DirectoryOptions, readDirectory } from './read.ts'

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-directory-'))
after(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
async function read(texts: readonly (string | Buffer)[], options: DirectoryOptions = {}) {
  const names = texts.map((text) => {
    const name = join(folder, `${files++}.txt`)
    writeFileSync(name, text)
    return name
  })
  const { directory, problems } = await readDirectory(names, options)
  return {
    directory,
    names,
    problems: problems.map(({ line, message, code }) => `${line ?? '-'} ${code} ${message}`),
    of: (user: string) => directory.personOf(user),
    groups: (user: string) => directory.groupsOf(user).map(({ group }) => group),
  }
}

const END_OF_2026_10_31 = Date.parse('2026-11-01T12:00:00Z')

describe('a directory as CSV', () => {
  test('with the names of columns that people use', async () => {
    for (const [header, row] of [
      ['user,groups,active,left', 'alice,"devs;ops",no,2026-10-31'],
      ['Username;E-Mail;Groups;Status;Terminated Date', 'alice;alice@example.com;devs,ops;Inactive;31.10.2026'],
      ['login\tmember of\tenabled\tlast day', 'alice\tdevs|ops\tFALSE\t10/31/2026'],
      ['\ufeffUser Name,GROUPS,Account Status,Leave Date', 'alice,"devs, ops",terminated,2026/10/31'],
    ]) {
      const { of, groups, problems } = await read([`${header}\r\n${row}\r\n`])
      assert.deepEqual(problems, [], header)
      assert.deepEqual(groups('alice'), ['devs', 'ops'], header)
      assert.equal(of('alice')?.active, false, header)
      assert.equal(of('alice')?.leftAt, END_OF_2026_10_31, header)
      assert.equal(of('alice')?.place.line, 2)
    }
  })

  test('quotes, empty lines and line ends are those of RFC 4180', async () => {
    const { of, groups } = await read(['user,team\n"o""brien","a\nb"\n\n\nbob,c\rcarol,d'])
    assert.deepEqual(groups('o"brien'), ['a', 'b'])
    assert.equal(of('bob')?.place.line, 6)
    assert.equal(of('carol')?.place.line, 7)
  })

  test('what is not understood is told with its line, and the rest is read', async () => {
    const { of, problems } = await read([
      'user,status,left\nalice,perhaps,\nbob,active,03/04/2026\n,active,\ncarol,active,-\ndan,"yes\n',
    ])
    assert.deepEqual(problems, [
      '2 BH_DIRECTORY status "perhaps" is not known',
      '3 BH_DIRECTORY date "03/04/2026" is not clear',
      '4 BH_DIRECTORY names no user',
      '6 BH_DIRECTORY a quote does not end',
    ])
    assert.equal(of('alice')?.active, undefined)
    assert.equal(of('carol')?.active, true)
    assert.ok(of('dan'))
  })

  test('no header, no text, no such file', async () => {
    assert.match((await read(['alice,devs\n'])).problems[0] ?? '', /names no column of users/)
    assert.match((await read([Buffer.from([0x75, 0xff, 0x0a])])).problems[0] ?? '', /BH_UTF8/)
    const { problems } = await readDirectory([join(folder, 'none.csv')])
    assert.equal(problems[0]?.code, 'BH_READ')
  })

  test('gzip and UTF-16 are read', async () => {
    assert.ok((await read([gzipSync('user\nalice\n')])).of('alice'))
    assert.ok((await read([Buffer.from('\ufeffuser\nalice\n', 'utf16le')])).of('alice'))
  })
})

describe('a directory as SCIM', () => {
  const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
  const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
  const list = (...resources: object[]): string =>
    JSON.stringify(
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
        totalResults: resources.length,
        Resources: resources,
      },
      null,
      1,
    )
  const alice = {
    schemas: [USER],
    id: 'u1',
    userName: 'alice',
    emails: [{ value: 'alice@example.com', primary: true }],
    active: false,
    groups: [{ value: 'g1', display: 'devs' }],
  }

  test('lists, resources and arrays of either', async () => {
    for (const text of [
      list(alice),
      JSON.stringify(alice),
      JSON.stringify([alice]),
      `[${list(alice)}]`,
      `${JSON.stringify(alice)}\n`,
    ]) {
      const { of, groups, problems } = await read([text])
      assert.deepEqual(problems, [])
      assert.equal(of('alice@example.com')?.id, 'alice')
      assert.equal(of('alice')?.active, false)
      assert.deepEqual(groups('alice'), ['devs'])
    }
  })

  test('members of groups, groups in groups, and circles', async () => {
    const { groups, directory } = await read([
      list(
        { schemas: [USER], id: 'u1', userName: 'alice' },
        { schemas: [GROUP], id: 'g1', displayName: 'devs', members: [{ value: 'u1' }] },
        { schemas: [GROUP], id: 'g2', displayName: 'all', members: [{ value: 'g1', type: 'Group' }, { value: 'g3' }] },
        { schemas: [GROUP], id: 'g3', displayName: 'round', members: [{ value: 'g2' }] },
      ),
    ])
    assert.deepEqual(groups('alice').sort(), ['all', 'devs', 'round'])
    assert.deepEqual(
      directory.membersOf('all').map(({ id }) => id),
      ['alice'],
    )
    assert.equal(directory.groupsOf('alice')[0]?.place.line, 14)
  })

  test('one broken resource is one problem', async () => {
    const { of, problems } = await read([`[\n${JSON.stringify(alice)},\n{"userName": tru},\n{"x": 1}\n]`])
    assert.ok(of('alice'))
    assert.deepEqual(
      problems.map((each) => each.slice(0, 14)),
      ['3 BH_DIRECTORY', '4 BH_DIRECTORY'],
    )
  })

  test('hostile text ends', async () => {
    for (const text of [
      '['.repeat(200_000),
      '{"Resources":'.repeat(50_000),
      `{"Resources":[${'{"a":'.repeat(100_000)}`,
      '{"__proto__":{"userName":"x"},"constructor":1}',
      '"',
      '{"userName":"\\',
    ])
      assert.notEqual((await read([text])).problems.length, 0, text.slice(0, 30))
    const many = await read([`user,left\n${'x,perhaps\n'.repeat(5_000)}`])
    assert.equal(many.problems.length, 100)
  })
})

describe('who is who', () => {
  test('names are compared exactly, then without case where one person fits, and never by likeness', async () => {
    const { of } = await read(['user,email\nalice,Alice.A@Example.com\nBob,\nbob,\nalicea,\n'])
    assert.equal(of('alice.a@example.com')?.id, 'alice')
    assert.equal(of('ALICE')?.id, 'alice')
    // Two rows of one name are one person as directories see it.
    assert.equal(of('bob'), of('Bob'))
    assert.equal(of('alic'), undefined)
    assert.equal(of('oidc:alice'), undefined)
  })

  test('prefixes hold when they are told', async () => {
    const prefixes = { users: ['oidc:'], groups: ['oidc:'] }
    const { of, groups } = await read(['user,groups\nalice,system:masters\n'], { prefixes })
    assert.equal(of('oidc:alice')?.id, 'alice')
    assert.equal(of('alice')?.id, 'alice')
    assert.deepEqual(groups('oidc:alice'), ['oidc:system:masters'])
  })

  test('an e-mail joins files, and not the people of one file who share it', async () => {
    const hr = 'email,terminated date\nalice@example.com,2026-10-31\n'
    const idp = 'user,email,active\nalice,alice@example.com,true\nci,team@example.com,true\nbot,team@example.com,true\n'
    const { of, directory } = await read([hr, idp])
    assert.equal(directory.people.length, 3)
    assert.equal(of('alice')?.leftAt, END_OF_2026_10_31)
    assert.equal(of('alice')?.active, undefined)
    assert.equal(of('team@example.com'), undefined)
  })

  test('who came back is there; one file that knows is enough', async () => {
    const { of } = await read(['user,left\nalice,2024-01-31\nalice,\nbob,2024-01-31\n', 'user,active\nbob,yes\n'])
    assert.equal(of('alice')?.leftAt, undefined)
    const bob = of('bob')
    assert.ok(bob && departed(bob, Date.parse('2026-01-01')))
    assert.ok(!departed(bob, Date.parse('2024-01-31T20:00:00Z')))
  })

  test('a million rows of one name, and of one e-mail, take no square of time', async () => {
    const start = process.cpuUsage().user
    const { directory } = await read([
      `user,email\n${Array.from({ length: 100_000 }, (_, at) => `same,e${at}@x.y\n`).join('')}${Array.from({ length: 100_000 }, (_, at) => `u${at},same@x.y\n`).join('')}`,
    ])
    assert.equal(directory.people.length, 100_001)
    assert.ok(process.cpuUsage().user - start < 10_000_000)
  })

  test('of a folder its tables and JSON are read', async () => {
    const place = join(folder, 'export')
    mkdirSync(place)
    writeFileSync(join(place, 'people.csv'), 'user\nalice\n')
    writeFileSync(join(place, 'groups.json'), JSON.stringify([{ displayName: 'devs', members: [{ value: 'alice' }] }]))
    writeFileSync(join(place, 'notes.md'), 'nothing')
    const { directory, problems } = await readDirectory([place])
    assert.deepEqual(problems, [])
    assert.deepEqual(
      directory.groupsOf('alice').map(({ group }) => group),
      ['devs'],
    )
  })
})
