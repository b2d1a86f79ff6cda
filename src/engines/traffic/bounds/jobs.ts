import { type Because, because } from '../../../cluster/because.ts'
import { at, field, type Json, list, number, type Path, string } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Growth } from '../growth.ts'
import { counted } from './scalers.ts'
import { mostStarts, parseSchedule } from './schedule.ts'

/**
 * Pods of a Job at once: its parallelism, but no more than completions are left (pkg/controller/job manageJob). Retries
 * (`backoffLimit`) come one after the other, so they add none.
 */
export function podsOfJob(spec: Json | undefined, succeeded = 0): number {
  const parallelism = counted(field(spec, 'parallelism')) ?? 1
  const completions = counted(field(spec, 'completions'))
  return completions === undefined ? parallelism : Math.min(parallelism, Math.max(0, completions - succeeded))
}

export function growthOfJob(object: KubeObject, live: number): Growth {
  const { body } = object
  const spec = field(body, 'spec')
  const pods = podsOfJob(spec, counted(at(body, 'status', 'succeeded')) ?? 0)
  if (field(spec, 'suspend') === true)
    return { now: live, most: live, because: [because('it is suspended', object, ['spec', 'suspend'])] }
  const path: Path = field(spec, 'parallelism') === undefined ? ['spec'] : ['spec', 'parallelism']
  return {
    now: pods,
    most: pods,
    because: [because(`${pods} at once, by its parallelism and completions; retries come one by one`, object, path)],
  }
}

export function growthOfCronJob(object: KubeObject, live: number): Growth {
  const { body } = object
  const spec = field(body, 'spec')
  const job = at(spec, 'jobTemplate', 'spec')
  const pods = podsOfJob(job)
  const active = list(at(body, 'status', 'active')).length
  const now = live > 0 ? live : active * pods
  if (field(spec, 'suspend') === true)
    return { now, most: now, because: [because('it is suspended', object, ['spec', 'suspend'])] }
  const policy = string(field(spec, 'concurrencyPolicy')) ?? 'Allow'
  if (policy !== 'Allow') {
    const text = `concurrencyPolicy ${policy}: one run at a time, of ${pods} pods`
    return { now, most: Math.max(now, pods), because: [because(text, object, ['spec', 'concurrencyPolicy'])] }
  }
  const runs = overlapOf(object, job)
  const most = runs.most === undefined ? undefined : pods === 0 ? 0 : runs.most * pods
  return { now, most: most === undefined ? undefined : Math.max(now, most), because: runs.because }
}

const DEADLINE: Path = ['spec', 'jobTemplate', 'spec', 'activeDeadlineSeconds']
const POD_DEADLINE: Path = ['spec', 'jobTemplate', 'spec', 'template', 'spec', 'activeDeadlineSeconds']

/** Runs that are there at once where each may start before the last has ended. */
function overlapOf(
  object: KubeObject,
  job: Json | undefined,
): { readonly most: number | undefined; readonly because: readonly Because[] } {
  const text = string(at(object.body, 'spec', 'schedule')) ?? ''
  const schedule = parseSchedule(text)
  if (!schedule)
    return { most: undefined, because: [because('its schedule cannot be read', object, ['spec', 'schedule'])] }
  const ofJob = number(at(object.body, ...DEADLINE))
  const seconds = ofJob ?? retried(job)
  if (seconds === undefined || !(seconds > 0))
    return {
      most: Number.POSITIVE_INFINITY,
      because: [
        because('concurrencyPolicy Allow and no activeDeadlineSeconds: runs that hang pile up', object, ['spec']),
      ],
    }
  const most = mostStarts(schedule, seconds)
  const path = ofJob === undefined ? POD_DEADLINE : DEADLINE
  return {
    most,
    because: [
      because(`a run starts by ${JSON.stringify(text)}`, object, ['spec', 'schedule']),
      because(`and ends after ${seconds} s at most: ${most} at once`, object, path),
    ],
  }
}

/** A Job waits 10 s before its first retry, twice as long before each next one, and 10 minutes at most. */
const FIRST_WAIT = 10
const LONGEST_WAIT = 600

/** How long a Job runs whose pods have a deadline of their own, if all but the last try fail; undefined: no deadline. */
function retried(job: Json | undefined): number | undefined {
  const deadline = number(at(job, 'template', 'spec', 'activeDeadlineSeconds'))
  if (deadline === undefined || !(deadline > 0)) return undefined
  const limit = counted(field(job, 'backoffLimit')) ?? 6
  const parallelism = Math.max(1, counted(field(job, 'parallelism')) ?? 1)
  const rounds = Math.ceil((counted(field(job, 'completions')) ?? parallelism) / parallelism)
  let waits = 0
  let wait = FIRST_WAIT
  let tries = 0
  for (; tries < limit && wait < LONGEST_WAIT; tries++, wait *= 2) waits += wait
  return (rounds + limit) * deadline + waits + (limit - tries) * LONGEST_WAIT
}

/** Pods of one run of what makes Jobs; undefined of anything else. */
export function podsOfRun({ group, kind, object }: Workload): number | undefined {
  switch (`${group}/${kind}`) {
    case 'batch/CronJob':
      return podsOfJob(at(object?.body, 'spec', 'jobTemplate', 'spec'))
    case 'keda.sh/ScaledJob':
      return podsOfJob(at(object?.body, 'spec', 'jobTargetRef'))
    default:
      return undefined
  }
}
