import { type Because, because } from '../../../cluster/because.ts'
import type { FoundLimit } from '../dialects/dialect.ts'
import type { Growth } from '../growth.ts'
import type { HeldLimit } from '../routes/found.ts'
import type { JudgedLimit } from '../routes/route.ts'
import { addressLost } from './address-lost.ts'
import { allowListAfterRealIp } from './allow-list.ts'
import { behindFront } from './behind-front.ts'
import { aboveCapacity } from './capacity.ts'
import { chosenKey } from './chosen-key.ts'
import { hidesLimit } from './deny-code.ts'
import type { Judging, Rule, Ruling } from './judging.ts'
import { notOfLocation } from './location.ts'
import { answeredBefore } from './redirect.ts'
import { totalOf } from './replicas.ts'
import { spoofable } from './spoofable.ts'
import { unseenRequests } from './stream.ts'

/** What is sure comes before what is not: the first that is certain decides, else the first that cannot tell. */
const RULES: readonly Rule[] = [
  notOfLocation,
  unseenRequests,
  answeredBefore,
  allowListAfterRealIp,
  chosenKey,
  spoofable,
  behindFront,
  addressLost,
  aboveCapacity,
]

const SHADOW = because('it counts and refuses nobody (shadow mode)')

const UNSEEN_REPLICAS = because('how many replicas its controller has is not in the input')

const NO_REPLICAS: Growth = { now: undefined, most: undefined, because: [] }

/** Whether a limit works on a route, and the rule that decided. */
export function judge(judging: Judging, found: HeldLimit): JudgedLimit {
  const replicas = found.replicas ?? judging.placed.draft.controller?.replicas ?? NO_REPLICAS
  const total = totalOf(found.limit, replicas)
  const common = { ...found, ...(total === undefined ? {} : { total }) }
  if (found.inert)
    return {
      ...common,
      state: 'inert',
      rule: found.inert.rule,
      decided: found.inert.because,
      because: [...found.because, ...found.inert.because],
    }
  if (found.limit.shadow)
    return { ...common, state: 'inert', rule: 'shadow', decided: [SHADOW], because: [...found.because, SHADOW] }
  const ruling = rule(judging, found)
  if (ruling) return ruled(common, ruling)
  const multiplied = total !== undefined && found.limit.scope === 'replica' && total.most !== total.least
  const reasons = replicas.because.length > 0 ? replicas.because : [UNSEEN_REPLICAS]
  const hiding = hidesLimit(found)
  return {
    ...common,
    state: 'effective',
    ...(multiplied ? { rule: 'R5', decided: reasons } : {}),
    because: [...found.because, ...(hiding ? [hiding] : []), ...(multiplied ? reasons : [])],
  }
}

function rule(judging: Judging, found: HeldLimit): Ruling | undefined {
  const unread: Ruling | undefined = found.unknown
    ? { state: 'unknown', rule: 'unread', missing: found.unknown.missing, because: found.unknown.because }
    : undefined
  let unknown = unread
  for (const each of RULES) {
    const ruling = each(judging, found)
    if (ruling && ruling.state !== 'unknown') return ruling
    unknown ??= ruling
  }
  return unknown
}

/** The limit as a ruling leaves it. */
export function ruled(limit: FoundLimit & Pick<JudgedLimit, 'total'>, ruling: Ruling): JudgedLimit {
  const reasons: readonly Because[] = [...limit.because, ...ruling.because]
  const { state, rule: name, because: decided } = ruling
  const common = { ...limit, state, rule: name, decided, because: reasons }
  return ruling.state === 'unknown' ? { ...common, unknown: { missing: ruling.missing, because: decided } } : common
}
