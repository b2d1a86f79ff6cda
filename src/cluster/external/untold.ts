import { because } from '../because.ts'
import { idParts } from '../object.ts'
import { type Credentials, inline, ofSecret } from './credentials.ts'
import type { CredentialUse } from './external.ts'
import type { Found } from './found.ts'
import { sayFound } from './interpret.ts'
import { hostStem, isPeerKey, sameFamily } from './key-name.ts'
import { addExternal, addUnknown, type Drafts } from './uses.ts'
import type { Given, Value } from './values.ts'
import { thirdParty } from './well-known.ts'

/** Who is configured to connect: a workload, or with `hidden` a release whose workloads the input does not show. */
export interface User {
  readonly id: string
  readonly namespace: string
  readonly hidden: boolean
}

/** Third parties that only the name of a credential tells. */
export function addThirdParties(
  user: User,
  given: Given,
  told: readonly (readonly string[])[],
  drafts: Drafts,
  credentials: Credentials,
): void {
  const add = (name: string, credential: CredentialUse): void => {
    const known = thirdParty(name)
    if (!known || told.some((stem) => stem.length > 0 && sameFamily(stem, known.stem))) return
    addExternal(
      drafts,
      known.host,
      { workload: user.id, hidden: user.hidden, port: undefined, scheme: undefined },
      [credential.because],
      credential,
    )
  }
  for (const held of given.secrets) if (held.variable !== '') add(held.variable, credentials.ofSecret(held))
  for (const value of given.values) {
    if (value.isFile || value.text === '' || /^(true|false|\d+|none|null)$/i.test(value.text)) continue
    const isPath = value.text.startsWith('/')
    const mounted = isPath
      ? given.secrets.find(({ mountPath }) => mountPath !== undefined && value.text.startsWith(mountPath))
      : undefined
    if (mounted) add(value.key, ofSecret(mounted))
    else if (!isPath && !value.text.includes('://')) add(value.key, inline(value))
  }
}

/** `DATABASE_URL` from a Secret: somebody is called, and the input does not say who. */
export function addSecretHosts(user: User, { secrets, missing }: Given, drafts: Drafts): void {
  for (const { variable, secret, object, path } of secrets) {
    if (!namesHost(variable) || thirdParty(variable)) continue
    addUnknown(drafts, {
      workload: user.id,
      reason: 'secret',
      secret,
      because: because(`${variable} comes from Secret ${idParts(secret).name}`, object, path),
    })
  }
  for (const { variable, object, path } of missing) {
    // HOST alone is rather where it listens.
    if (!namesHost(variable) || hostStem(variable)?.length === 0) continue
    addUnknown(drafts, {
      workload: user.id,
      reason: 'missing-value',
      because: because(`${variable} comes from a ConfigMap that the input does not have`, object, path),
    })
  }
}

function namesHost(variable: string): boolean {
  return variable !== '' && hostStem(variable) !== undefined && isPeerKey(variable)
}

/** A host that something fills in. */
export function addBlank(user: User, found: Found, value: Value, given: Given, drafts: Drafts): void {
  // In a script or a file a key is any assignment; only a URL tells that somebody is called.
  if (found.by !== 'url' && (value.isFile || value.text.includes('\n'))) return
  const of = (name: string) => given.secrets.find(({ variable }) => variable === name)
  const held = found.variables.map(of).find((each) => each !== undefined)
  const isKnown =
    found.variables.length > 0 &&
    found.variables.every((name) => given.values.some(({ key, isFile }) => !isFile && key === name))
  if (isKnown || found.variables.some((name) => name.startsWith('KUBERNETES_'))) return
  const name = found.variables[0]
  const where = sayFound(
    { ...found, host: name === undefined ? 'a host that something fills in' : `a host that ${name} fills in` },
    value,
  )
  addUnknown(drafts, {
    workload: user.id,
    reason: held ? 'secret' : 'placeholder',
    ...(held ? { secret: held.secret } : {}),
    because: where,
  })
}
