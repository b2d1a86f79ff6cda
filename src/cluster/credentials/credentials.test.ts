import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, test } from 'node:test'
import { accountToken, accountTokensIn } from './account-token.ts'
import { kubeconfigUsers } from './kubeconfig.ts'
import { FOREIGN, MASTER, OTHERS, OURS, PLAIN, SERVER } from './testing.ts'
import { certificateOf, certificatesOf } from './x509.ts'

describe('a certificate', () => {
  test('is read as OpenSSL reads it', () => {
    for (const pem of [OURS, OTHERS, MASTER, PLAIN, FOREIGN, SERVER]) {
      const own = certificateOf(pem)
      const oracle = new X509Certificate(pem)
      const { CN, O } = oracle.toLegacyObject().subject as { CN?: string; O?: string | string[] }
      assert.equal(own?.user, CN)
      assert.deepEqual(own?.groups, [O ?? []].flat())
      assert.deepEqual([own?.from, own?.until], [Date.parse(oracle.validFrom), Date.parse(oracle.validTo)])
      assert.equal(own?.isForClients, pem !== SERVER)
    }
    const [ours, plain, foreign] = [OURS, PLAIN, FOREIGN].map(certificateOf)
    assert.equal(plain?.signer, ours?.own)
    assert.equal(plain?.issuer, ours?.subject)
    assert.equal(foreign?.issuer, ours?.subject)
    assert.notEqual(foreign?.signer, ours?.own)
    assert.equal(certificatesOf(`${PLAIN}x${OURS}`).length, 2)
  })
  test('that is cut, or whose bytes are others, is none or another, and never an error', () => {
    const body = Buffer.from(PLAIN.replace(/-----[^-]*-----|\s/g, ''), 'base64')
    const pem = (der: Uint8Array): string =>
      `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----`
    assert.equal(certificateOf(pem(body))?.user, 'jane')
    for (let length = 0; length < body.length; length++) {
      const cut = certificateOf(pem(body.subarray(0, length)))
      assert.ok(cut === undefined || cut.user === 'jane')
    }
    for (let at = 0; at < body.length; at++)
      for (const value of [0x00, 0x80, 0xff]) {
        const changed = Buffer.from(body)
        changed[at] = value
        certificateOf(pem(changed))
      }
    assert.equal(certificateOf('-----BEGIN CERTIFICATE-----'), undefined)
  })
})

/** A certificate in which a name of one letter was put as a string of another type. */
function named(tag: number, ...bytes: readonly number[]): string {
  const tlv = (kind: number, ...parts: readonly Uint8Array[]): Buffer => {
    const body = Buffer.concat(parts)
    return Buffer.concat([Buffer.from([kind, body.length]), body])
  }
  const name = tlv(0x30, tlv(0x31, tlv(0x30, Buffer.from([6, 3, 0x55, 4, 3]), tlv(tag, Buffer.from(bytes)))))
  const time = tlv(0x30, tlv(0x17, Buffer.from('200101000000Z')), tlv(0x18, Buffer.from('99991231235959Z')))
  const der = tlv(0x30, tlv(0x30, tlv(2, Buffer.from([1])), tlv(0x30), tlv(0x30), time, name))
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----`
}

describe('names and times in a certificate, as Go reads them', () => {
  test('by the type of the string; of what Go refuses, nothing', () => {
    const read = (tag: number, ...bytes: readonly number[]) => certificateOf(named(tag, ...bytes))?.user
    assert.equal(read(0x0c, 0xc3, 0xbc), 'ü')
    assert.equal(read(0x14, 0xfc), 'ü')
    assert.equal(read(0x1e, 0, 0xfc), 'ü')
    assert.equal(read(0x1e, 0, 0x41, 0, 0), 'A')
    assert.equal(read(0x13, 0x41, 0x2a), 'A*')
    assert.equal(read(0x12, 0x31, 0x20), '1 ')
    for (const [tag, ...bytes] of [
      [0x1e, 0, 0x41, 0],
      [0x1e, 0xd8, 0],
      [0x0c, 0xff],
      [0x13, 0x5f],
      [0x12, 0x41],
      [0x16, 0xe9],
      [0x1c, 0, 0, 0, 0x41],
      [0x03, 0, 0x41],
      [0x02, 0x41],
    ] as const)
      assert.equal(certificateOf(named(tag, ...bytes)), undefined, `${tag} ${bytes}`)
    assert.equal(certificateOf(named(0x0c, 0x41))?.until, Date.parse('9999-12-31T23:59:59Z'))
  })
  test('times with an offset and without seconds; none of the 30th of February', () => {
    const until = (text: string) => {
      const der = Buffer.from(named(0x0c, 0x41).split('\n')[1] as string, 'base64')
      const at = der.indexOf('99991231235959Z')
      // Of the same length, so that nothing else changes.
      der.write(text, at)
      if (text.endsWith('+0100')) der[at - 2] = 0x17
      return certificateOf(`-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----`)?.until
    }
    assert.equal(until('20600101000000Z'), Date.parse('2060-01-01T00:00:00Z'))
    assert.equal(until('4901010000+0100'), Date.parse('2048-12-31T23:00:00Z'))
    assert.equal(until('20600230000000Z'), undefined)
    assert.equal(until('20601301000000Z'), undefined)
  })
})

const jwt = (claims: object): string =>
  `${[{ alg: 'RS256' }, claims].map((each) => Buffer.from(JSON.stringify(each)).toString('base64url')).join('.')}.c2ln`
const BOUND = {
  aud: ['https://kubernetes.default.svc.cluster.local'],
  exp: 2_000_000_000,
  iss: 'https://kubernetes.default.svc.cluster.local',
  'kubernetes.io': { namespace: 'shop', serviceaccount: { name: 'web', uid: 'u' }, pod: { name: 'web-1', uid: 'p' } },
}
const LEGACY = {
  iss: 'kubernetes/serviceaccount',
  'kubernetes.io/serviceaccount/namespace': 'shop',
  'kubernetes.io/serviceaccount/secret.name': 'web-token',
  'kubernetes.io/serviceaccount/service-account.name': 'web',
  'kubernetes.io/serviceaccount/service-account.uid': 'u',
}

describe('a token of a service account', () => {
  test('says whose it is, until when and with what it ends', () => {
    assert.deepEqual(accountToken(jwt(BOUND)), {
      namespace: 'shop',
      name: 'web',
      uid: 'u',
      boundTo: { kind: 'Pod', name: 'web-1', uid: 'p' },
      until: 2_000_000_000_000,
      isForApiServer: 'yes',
    })
    const legacy = accountToken(jwt(LEGACY))
    assert.deepEqual([legacy?.name, legacy?.until, legacy?.boundTo?.name], ['web', 'never', 'web-token'])
    assert.equal(accountToken(jwt({ ...BOUND, aud: ['sts.amazonaws.com'] }))?.isForApiServer, 'no')
  })
  test('is found in a text, and no other web token is one', () => {
    const other = jwt({ iss: 'supabase', role: 'anon' })
    assert.deepEqual(
      accountTokensIn(`a=${other}\nb="${jwt(BOUND)}", c=${jwt(LEGACY)};`).map(({ until }) => until),
      [2_000_000_000_000, 'never'],
    )
    assert.equal(accountTokensIn(`It is ${jwt(BOUND)}.`).length, 1)
    const named = (name: string) => jwt({ ...BOUND, 'kubernetes.io': { namespace: 'shop', serviceaccount: { name } } })
    for (const name of ['a/b', 'a\n', '__proto__', 'A', 'x'.repeat(254)])
      assert.deepEqual(accountTokensIn(named(name)), [])
    assert.equal(accountTokensIn(named('a.b-c')).length, 1)
    for (const text of [other, 'eyJ', 'eyJ.eyJ.x', 'eyJhbGciOiJub25lIn0.bm90anNvbg.x', `${jwt(BOUND)}.more`])
      assert.deepEqual(accountTokensIn(text), [], text)
    assert.deepEqual(accountTokensIn('eyJ'.repeat(100_000)), [])
  })
})

describe('a kubeconfig', () => {
  const b64 = (text: string): string => Buffer.from(text).toString('base64')
  const config = (user: object, more: object = {}): string =>
    JSON.stringify({
      kind: 'Config',
      clusters: [
        { name: 'c', cluster: { server: 'https://c', 'certificate-authority-data': b64(OURS) } },
        { name: 'd', cluster: { server: 'https://d' } },
      ],
      users: [{ name: 'u', user }],
      ...more,
    })
  test('the users that it holds a credential of', () => {
    const cert = { 'client-certificate-data': b64(PLAIN), 'client-key-data': b64('key') }
    const [user] = kubeconfigUsers(config(cert)) ?? []
    assert.equal(user?.certificate, PLAIN)
    assert.deepEqual(
      user?.clusters.map(({ server }) => server),
      ['https://c', 'https://d'],
    )
    const paired = config(cert, { contexts: [{ name: 'x', context: { cluster: 'd', user: 'u' } }] })
    assert.deepEqual(
      kubeconfigUsers(paired)?.[0]?.clusters.map(({ server }) => server),
      ['https://d'],
    )
    const env = [{ name: 'AWS_SECRET_ACCESS_KEY', value: 'x1' }]
    assert.equal(kubeconfigUsers(config({ exec: { command: 'aws', env } }))?.[0]?.plugin, 'aws')
    assert.equal(kubeconfigUsers(config({ exec: { command: 'aws' } }))?.[0], undefined)
    assert.equal(kubeconfigUsers(config({ token: 'abc' }))?.[0]?.token, 'abc')
  })
  test('nothing of what lies in files, of passwords, and of a certificate without its key', () => {
    for (const user of [
      { 'client-certificate-data': b64(PLAIN), 'client-key': '/a/file' },
      { 'client-certificate': '/a', 'client-key': '/b' },
      { tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
      { username: 'admin', password: 'x' },
      {},
    ])
      assert.deepEqual(kubeconfigUsers(config(user)) ?? [], [])
    assert.equal(kubeconfigUsers('users and clusters: {{'), undefined)
  })
})
