import { X509Certificate } from 'node:crypto'
import type { Path } from '../../cluster/json.ts'
import { at, field, list, string } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { parseYaml } from '../../cluster/yaml.ts'

/** A client certificate that the input holds: as whom it authenticates, and until when. */
export interface ClientCertificate {
  /** Common name, which is the user name, and organizations, which are the groups (authentication/request/x509). */
  readonly user: string
  readonly groups: readonly string[]
  /** Milliseconds since 1970. */
  readonly from: number
  readonly until: number
  /** `X509SHA256=<hex>`, as audit logs have it (authentication.kubernetes.io/credential-id). */
  readonly credential: string
  readonly object: KubeObject
  readonly path: Path
}

const MOST_TEXT = 1024 ** 2
const MOST_USERS = 1_000

/**
 * Of CertificateSigningRequests that were signed, and of kubeconfigs that ConfigMaps hold. What Secrets hold is dropped
 * before anything is looked at.
 */
export function clientCertificates(objects: readonly KubeObject[]): readonly ClientCertificate[] {
  return objects.flatMap((object) => {
    if (object.kind === 'CertificateSigningRequest' && object.group === 'certificates.k8s.io') {
      const pem = decoded(string(at(object.body, 'status', 'certificate')))
      return certificateIn(pem, object, ['status', 'certificate'])
    }
    if (object.kind !== 'ConfigMap' || object.group !== '') return []
    const data = field(object.body, 'data')
    return Object.keys(typeof data === 'object' && data !== null ? data : {}).flatMap((key) => {
      const text = string(field(data, key))
      if (text === undefined || text.length > MOST_TEXT || !text.includes('client-certificate-data')) return []
      const parsed = parseYaml(text)
      if (parsed.problem) return []
      return list(field(parsed.value, 'users'))
        .slice(0, MOST_USERS)
        .flatMap((user) =>
          certificateIn(decoded(string(at(user, 'user', 'client-certificate-data'))), object, ['data', key]),
        )
    })
  })
}

function decoded(text: string | undefined): string {
  return text === undefined || text.length > MOST_TEXT ? '' : Buffer.from(text, 'base64').toString('latin1')
}

/** A chain begins with the certificate of the client. */
function certificateIn(pem: string, object: KubeObject, path: Path): readonly ClientCertificate[] {
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) return []
  try {
    const certificate = new X509Certificate(pem)
    const { CN, O } = certificate.toLegacyObject().subject as { CN?: string | string[]; O?: string | string[] }
    const user = [CN ?? ''].flat().at(-1) ?? ''
    return [
      {
        user,
        groups: [O ?? []].flat(),
        from: Date.parse(certificate.validFrom),
        until: Date.parse(certificate.validTo),
        credential: `X509SHA256=${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`,
        object,
        path,
      },
    ]
  } catch {
    return []
  }
}
