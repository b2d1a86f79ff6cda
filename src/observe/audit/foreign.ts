import { at, field, isObject, type Json, list, string } from '../../cluster/json.ts'

/** Whether what `foreignLog` tells of a value was a request all the same: it is not read, and not left out. */
export function isUnreadable(value: Json | undefined): boolean {
  return field(value, 'kind') === 'AdmissionReview' || isFlat(value)
}

/** What a value is that people may take for an audit log and that is none; undefined for what is nothing known. */
export function foreignLog(value: Json | undefined): string | undefined {
  if (!isObject(value)) return undefined
  if (value.kind === 'AdmissionReview')
    return 'AdmissionReviews of a webhook, which are not audit events: they hold no reads, no denials and no answers'
  if (isFlat(value))
    return 'single fields of events, not the events: let the query keep them whole (the column @message of Logs Insights)'
  if (isOfTrail(value) || list(value.Records).some(isOfTrail))
    return 'events of CloudTrail, which are calls to AWS, not to the API server'
  if (isObject(value.output_fields) && typeof value.rule === 'string')
    return 'alerts of Falco, not the log that they were made of'
  if (isLogEntry(value)) {
    const service = string(at(value, 'protoPayload', 'serviceName'))
    const type = string(at(value, 'resource', 'type'))
    return service === undefined
      ? `the log of ${type === 'k8s_node' ? 'a node' : (type ?? 'another kind')}, not an audit log`
      : `the audit log of ${service}, not of Kubernetes`
  }
  return undefined
}

/** Names of columns are paths of fields. */
function isFlat(value: Json | undefined): boolean {
  return field(value, 'user.username') !== undefined || field(value, 'objectRef.resource') !== undefined
}

function isOfTrail(value: Json): boolean {
  return typeof field(value, 'eventVersion') === 'string' && typeof field(value, 'eventSource') === 'string'
}

/** Of Google’s Cloud Logging. */
function isLogEntry(value: Json): boolean {
  const isPayload = ['jsonPayload', 'textPayload', 'protoPayload'].some((key) => field(value, key) !== undefined)
  return isPayload && (field(value, 'logName') !== undefined || field(value, 'resource') !== undefined)
}
