import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'

/** A private key as PEM: its public half if OpenSSL reads it, else why not. */
export interface PrivateKey {
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly isOf: string | undefined
  readonly isEncrypted: boolean
}

const BEGIN = /-----BEGIN (?:(?:RSA|EC|ENCRYPTED) )?PRIVATE KEY-----/g
const END = /-----END (?:(?:RSA|EC|ENCRYPTED) )?PRIVATE KEY-----/
const MOST_TEXT = 32 * 1024
const MOST = 50

/** The private keys that lie in a text. */
export function privateKeysIn(text: string): readonly PrivateKey[] {
  const found: PrivateKey[] = []
  let looked = 0
  for (const { index } of text.matchAll(BEGIN)) {
    if (looked++ === MOST) break
    const rest = text.slice(index, index + MOST_TEXT)
    const end = END.exec(rest)
    if (!end) continue
    // Within a text of JSON or a variable its lines end with an escape.
    const pem = rest.slice(0, end.index + end[0].length).replaceAll(/\\[nr]/g, '\n')
    const isEncrypted = pem.includes('ENCRYPTED')
    found.push({ isEncrypted, isOf: isEncrypted ? undefined : publicOf(() => createPublicKey(createPrivateKey(pem))) })
  }
  return found
}

/** The public key of a certificate, which is DER, as `isOf` has it. */
export function publicKeyOf(der: Uint8Array): string | undefined {
  return publicOf(() => new X509Certificate(der).publicKey)
}

function publicOf(read: () => KeyObject): string | undefined {
  try {
    return read().export({ type: 'spki', format: 'der' }).toString('base64')
  } catch {
    return undefined
  }
}
