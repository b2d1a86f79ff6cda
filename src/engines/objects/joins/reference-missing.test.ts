import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { made, says, verdictsOf } from '../../joins.testing.ts'
import { configMapMissing, secretMissing } from './reference-missing.ts'

const LISTED = { listed: new Set(['Secret', 'ConfigMap']) }
const pod = (container: string, volumes = '[]'): string =>
  made('v1', 'Pod', 'web', `spec: {containers: [{name: main, image: x, ${container}}], volumes: ${volumes}}`)
const MOUNT = 'volumeMounts: [{name: v, mountPath: /v}]'
const secret = (data = '{key: dmFsdWU=}', name = 's'): string => made('v1', 'Secret', name, `data: ${data}`)

/** Each place in which a Secret may be named; `more`: more of the reference. */
const PLACES: Readonly<Record<string, (more: string) => string>> = {
  env: (more) => pod(`env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: key${more}}}}]`),
  envFrom: (more) => pod(`envFrom: [{secretRef: {name: s${more}}}]`),
  volume: (more) => pod(MOUNT, `[{name: v, secret: {secretName: s${more}}}]`),
  projected: (more) => pod(MOUNT, `[{name: v, projected: {sources: [{secret: {name: s${more}}}]}}]`),
}

describe('secret-missing', () => {
  for (const [place, text] of Object.entries(PLACES)) {
    test(`${place}: there, not there, optional`, () => {
      says(secretMissing, text('') + secret(), ['Pod web: pass'])
      says(secretMissing, text(''), ['Pod web: fail … Secret s is not in namespace default'], LISTED)
      says(secretMissing, text(''), ['Pod web: unknown … Secret s is not in the input'])
      says(secretMissing, text(', optional: true'), ['Pod web: pass'], LISTED)
      const [verdict] = verdictsOf(secretMissing, text(''), LISTED)
      assert.ok((verdict?.at[0]?.path.length ?? 0) > 3)
    })
  }

  test('a key that the Secret lacks', () => {
    const env = (key: string): string => pod(`env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: ${key}}}}]`)
    says(secretMissing, env('key') + secret(), ['Pod web: pass'])
    says(secretMissing, env('gone') + secret(), ['Pod web: fail … Secret s has no key gone'])
    says(secretMissing, env('__proto__') + secret(), ['Pod web: fail'])
    says(secretMissing, pod(MOUNT, '[{name: v, secret: {secretName: s, items: [{key: gone, path: x}]}}]') + secret(), [
      'Pod web: fail',
    ])
  })

  test('one without any key is filled by somebody else', () => {
    says(secretMissing, PLACES.env?.('') + secret('{}'), ['Pod web: pass'])
  })

  test('made by a controller from what the input holds', () => {
    const text = PLACES.envFrom?.('') ?? ''
    says(secretMissing, text + made('bitnami.com/v1alpha1', 'SealedSecret', 's', 'spec: {}'), ['Pod web: pass'], LISTED)
    says(
      secretMissing,
      text + made('cert-manager.io/v1', 'Certificate', 'c', 'spec: {secretName: s}'),
      ['Pod web: pass'],
      LISTED,
    )
    says(
      secretMissing,
      text + made('external-secrets.io/v1', 'ExternalSecret', 'e', 'spec: {target: {name: s}}'),
      ['Pod web: pass'],
      LISTED,
    )
    says(
      secretMissing,
      text + made('external-secrets.io/v1', 'ExternalSecret', 'e', 'spec: {}', 'other'),
      ['Pod web: fail'],
      LISTED,
    )
  })

  test('a volume that nobody mounts, and a pull secret, hold nothing up', () => {
    says(secretMissing, pod('command: [x]', '[{name: v, secret: {secretName: s}}]'), ['Pod web: pass'], LISTED)
    says(
      secretMissing,
      made('v1', 'Pod', 'web', 'spec: {containers: [{name: c, image: x}], imagePullSecrets: [{name: s}]}'),
      ['Pod web: pass'],
      LISTED,
    )
  })

  test('one of another namespace does not count', () => {
    says(
      secretMissing,
      PLACES.envFrom?.('') + made('v1', 'Secret', 's', 'data: {}', 'other'),
      ['Pod web: fail'],
      LISTED,
    )
  })
})

describe('config-map-missing', () => {
  test('as Secrets, and the certificate that is in every namespace', () => {
    const text = pod('envFrom: [{configMapRef: {name: c}}]')
    says(configMapMissing, text, ['Pod web: unknown … ConfigMap c is not in the input'])
    says(configMapMissing, text, ['Pod web: fail'], LISTED)
    says(configMapMissing, text + made('v1', 'ConfigMap', 'c', 'data: {}'), ['Pod web: pass'], LISTED)
    says(configMapMissing, pod(MOUNT, '[{name: v, configMap: {name: kube-root-ca.crt}}]'), ['Pod web: pass'], LISTED)
    says(secretMissing, text, ['Pod web: pass'], LISTED)
  })

  test('files are keys too', () => {
    const text = pod('env: [{name: A, valueFrom: {configMapKeyRef: {name: c, key: k}}}]')
    says(configMapMissing, text + made('v1', 'ConfigMap', 'c', 'binaryData: {k: AA==}'), ['Pod web: pass'])
    says(configMapMissing, text + made('v1', 'ConfigMap', 'c', 'data: {other: a}'), ['Pod web: fail … no key k'])
  })
})
