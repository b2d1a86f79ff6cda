/** How an event came: as the API server writes it, or as a cloud hands it out. */
export type AuditForm =
  | 'native'
  | 'eks'
  | 'gke-activity'
  | 'gke-data-access'
  | 'aks'
  | 'aks-admin'
  | 'aks-table'
  | 'aks-table-admin'

/** What a form never tells of any request. */
export type HiddenField =
  /** Groups of users; those of service accounts and nodes follow from their names. */
  | 'groups'
  /** Which credential was used, and which one a TokenRequest made. */
  | 'credential'
  /** The person behind a name that several share. */
  | 'session'
  /** The pod of a token. */
  | 'pod'
  /** The path and the query: field selectors, `dryRun` of requests with a body. */
  | 'request-uri'
  /** As whom a request was done: it shows who asked alone. */
  | 'impersonation'
  /** Requests for no resource. */
  | 'non-resource'

export interface Hides {
  readonly fields: readonly HiddenField[]
  /** Verbs of which this form has no request at all. */
  readonly verbs: readonly string[]
}

const NOTHING: Hides = { fields: [], verbs: [] }
const GKE_FIELDS: readonly HiddenField[] = ['groups', 'credential', 'session', 'pod', 'request-uri']

/**
 * The tables AKSAudit and AKSAuditAdmin have no column for the impersonated user (learn.microsoft.com/azure/azure-monitor/
 * reference/tables/aksaudit). GKE: reads come in `data_access`, which is off by default (cloud.google.com/kubernetes-engine/docs/how-to/audit-logging).
 * AKS: the category `kube-audit-admin` is without `get` and `list`. What an audit policy leaves out is beside this.
 */
export const HIDES: Readonly<Record<AuditForm, Hides>> = {
  native: NOTHING,
  eks: NOTHING,
  'gke-activity': { fields: [...GKE_FIELDS, 'non-resource'], verbs: ['get', 'list', 'watch'] },
  'gke-data-access': { fields: GKE_FIELDS, verbs: [] },
  aks: NOTHING,
  'aks-admin': { fields: [], verbs: ['get', 'list'] },
  'aks-table': { fields: ['impersonation'], verbs: [] },
  'aks-table-admin': { fields: ['impersonation'], verbs: ['get', 'list'] },
}

/** What none of several forms tells. */
export function hiddenByAll(forms: readonly AuditForm[]): Hides {
  const [first, ...rest] = forms.map((form) => HIDES[form])
  if (first === undefined) return NOTHING
  return {
    fields: first.fields.filter((field) => rest.every(({ fields }) => fields.includes(field))),
    verbs: first.verbs.filter((verb) => rest.every(({ verbs }) => verbs.includes(verb))),
  }
}
