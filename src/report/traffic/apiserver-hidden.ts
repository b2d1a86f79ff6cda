import type { Loaded } from '../../engines/traffic/apiserver/load-fold.ts'
import type { Coverage } from '../../history/history.ts'
import { counted, grouped, listed } from '../text.ts'

/** All of so few may take less than a millisecond. */
const FEW = 100

/** What an audit log could not show of who loads the API server, and what each estimate rests on. */
export function hiddenOf({ sources }: Coverage, loaded: Loaded): readonly string[] {
  const coverage = { sources }
  const said: string[] = []
  for (const { kind, hides, gaps, lost, unread, shown, records } of sources) {
    if (kind !== 'audit' || records === 0) continue
    if (hides.verbs.length > 0) said.push(`this form of log holds no ${listed(hides.verbs)}: who reads is not seen`)
    else {
      const missing = ['list', 'get'].filter((verb) => ![...shown.keys()].some((key) => key.startsWith(`${verb} `)))
      if (missing.length > 0)
        said.push(`no ${listed(missing)} was recorded: the audit policy leaves them out, or nobody asked`)
    }
    if (hides.fields.includes('request-uri'))
      said.push(
        'this form of log does not tell the query: whether lists had a resourceVersion or a limit is not known, and they are taken as without',
      )
    if (gaps.length > 0) said.push(`the log has ${counted(gaps.length, 'gap')}, in which nothing was recorded`)
    if (lost.length > 0) said.push('the log says that records were lost')
    if (unread > 0) said.push(`${grouped(unread)} lines of the log could not be read`)
  }
  const oneTime = recordsWithOneTime(coverage)
  if (!tellsTime(coverage, loaded)) {
    if (loaded.requests > 0)
      said.push('the log does not tell how long requests took: they are ranked by their number, and seat-seconds are 0')
  } else if (oneTime > 0)
    said.push(`of ${grouped(oneTime)} requests from Cloud Logging of GKE the log does not tell how long they took`)
  const unmeasured = loaded.loads.filter((load) => load.unmeasured > 0)
  const kinds = [
    ...new Set(unmeasured.map(({ resource, group }) => (group === '' ? resource : `${resource}.${group}`))),
  ]
  if (kinds.length > 0) {
    const some = kinds.length > 5 ? [...kinds.slice(0, 5), `${kinds.length - 5} more`] : kinds
    said.push(
      `how much is stored of ${listed(some)} is not in the input: their lists count as one seat each (marked +); name the objects with -f`,
    )
  }
  if (loaded.longRunning > 0)
    said.push(
      `${grouped(loaded.longRunning)} watches, execs and other requests that last take no seat after they began, and are not in the seconds`,
    )
  said.push('how large answers were, and requests that were refused before authentication: no audit log tells them')
  return said
}

/** A log entry of GKE has the time of its request alone; events of other forms have that of their end besides. */
function recordsWithOneTime({ sources }: Coverage): number {
  return sources
    .flatMap(({ kind, forms }) => (kind === 'audit' ? forms : []))
    .reduce((sum, { form, records }) => sum + (form.startsWith('gke') ? records : 0), 0)
}

/** Whether any request was seen to take time. */
export function tellsTime(coverage: Coverage, { latencyMs, requests, longRunning }: Loaded): boolean {
  return latencyMs > 0 || (requests > longRunning && recordsWithOneTime(coverage) === 0 && requests < FEW)
}
