import type { Cluster } from '../cluster/cluster.ts'
import { createdAt } from '../cluster/created.ts'
import { at, string } from '../cluster/json.ts'
import { idOf } from '../cluster/object.ts'
import type { Workload } from '../cluster/workload.ts'
import { formatPlace } from '../engines/access/used/behaviour.ts'
import { wasDue } from './cron.ts'
import type { Facts, Span } from './facts.ts'
import type { BlindSpots } from './part.ts'
import { formatId, formatTime, plural } from './words.ts'

/** What a source says of itself that it did not see: it touches everything. */
export function sourceBlindSpots(facts: Facts, kind: 'audit' | 'flows', spots: BlindSpots): void {
  const name = kind === 'audit' ? 'audit log' : 'flow log'
  for (const source of facts.coverage.sources) {
    if (source.kind !== kind) continue
    const [gap] = source.gaps
    if (gap)
      spots.add({
        kind: 'gap',
        message: `the ${name} has ${plural(source.gaps.length, 'gap')}, the first from ${formatTime(gap.from)} to ${formatTime(gap.to)}`,
        instance: `${formatTime(gap.from)} to ${formatTime(gap.to)}`,
        touches: [],
      })
    const { thin, outlying } = source
    if (thin)
      spots.add({
        kind: 'thin-records',
        message: `the ${name} has records of ${thin.hours} of ${thin.of} hours only, although it has many in these`,
        instance: `${formatTime(source.from)} to ${formatTime(source.to)}`,
        touches: [],
      })
    if (outlying)
      spots.add({
        kind: 'outlying-times',
        message: `${plural(outlying.count, 'record')} of the ${name} ${outlying.count === 1 ? 'is' : 'are'} of a time far from all others (${formatTime(outlying.time)}) and not counted into the window`,
        instance: outlying.place ? formatPlace(outlying.place) : formatTime(outlying.time),
        touches: [],
      })
    const [loss] = source.lost
    const sum = source.lost.reduce((total, { count }) => total + count, 0)
    if (loss)
      spots.add({
        kind: 'lost-records',
        message: `the ${name} says that ${plural(sum, 'record')} ${sum === 1 ? 'was' : 'were'} lost`,
        instance: formatPlace(loss.place),
        touches: [],
      })
    const [problem] = source.problems
    if (source.unread > 0 || problem)
      spots.add({
        kind: 'unread-records',
        message:
          source.unread > 0
            ? `${plural(source.unread, 'line')} of the ${name} could not be read`
            : `a file of the ${name} could not be read whole: ${problem?.message}`,
        instance: problem?.file === undefined ? source.files.join(', ') : `${problem.file}:${problem.line ?? 1}`,
        touches: [],
      })
  }
}

/** Nodes of the cluster that reported no connection although others did. */
export function silentNodes(cluster: Cluster, facts: Facts, workloads: Iterable<Workload>, spots: BlindSpots): void {
  const reporting = new Set(facts.coverage.sources.flatMap(({ kind, nodes }) => (kind === 'flows' ? nodes : [])))
  if (![...reporting].some((name) => cluster.get(idOf('Node', '', name)))) return
  for (const workload of workloads) {
    for (const { node } of workload.pods) {
      if (node === '' || reporting.has(node)) continue
      spots.add({
        kind: 'silent-node',
        message: `node ${node}, on which ${formatId(workload.id)} runs, reported no connection`,
        instance: idOf('Node', '', node),
        touches: [workload.id],
      })
    }
  }
}

/** What a workload does when it runs, or later, and that nothing recorded could show. */
export function workloadBlindSpots(
  workload: Workload,
  span: Span,
  wasSeen: boolean,
  touches: readonly string[],
  spots: BlindSpots,
): void {
  const { id, kind, object, replicas } = workload
  const created = object && createdAt(object.body)
  if (created !== undefined && created > span.from)
    spots.add({
      kind: 'younger-than-window',
      message: `${formatId(id)} was made on ${formatTime(created)}, after the records began`,
      instance: id,
      touches,
    })
  if (replicas === 0)
    spots.add({ kind: 'scaled-to-zero', message: `${formatId(id)} is scaled to zero`, instance: id, touches })
  if (kind !== 'CronJob' || wasSeen) return
  const schedule = string(at(object?.body, 'spec', 'schedule')) ?? ''
  const isSuspended = at(object?.body, 'spec', 'suspend') === true
  const why = isSuspended
    ? 'is suspended'
    : wasDue(schedule, span.from, span.to) === false
      ? `was not due in the window (${schedule})`
      : 'was not seen to run in the window'
  spots.add({ kind: 'not-fired', message: `${formatId(id)} ${why}`, instance: id, touches })
}
