import { at, field, isObject, type Json, string } from '../../cluster/json.ts'

/** What a value is that people may take for an audit log and that is none; undefined for what is nothing known. */
export function foreignLog(value: Json | undefined): string | undefined {
  if (!isObject(value)) return undefined
  if (value.kind === 'AdmissionReview')
    return 'AdmissionReviews of a webhook, which are not audit events: they hold no reads, no denials and no answers'
  if (isLogEntry(value)) {
    const service = string(at(value, 'protoPayload', 'serviceName'))
    const type = string(at(value, 'resource', 'type'))
    return service === undefined
      ? `the log of ${type === 'k8s_node' ? 'a node' : (type ?? 'another kind')}, not an audit log`
      : `the audit log of ${service}, not of Kubernetes`
  }
  return undefined
}

/** Of Google's Cloud Logging. */
function isLogEntry(value: Json): boolean {
  const isPayload = ['jsonPayload', 'textPayload', 'protoPayload'].some((key) => field(value, key) !== undefined)
  return isPayload && (field(value, 'logName') !== undefined || field(value, 'resource') !== undefined)
}
