import type { Comparison } from '../../engines/traffic/capacity/compare.ts'
import type { Found } from '../../engines/traffic/capacity/found.ts'
import { counted, grouped } from '../text.ts'
import type { Probed } from './probe.ts'

/** `160`, `4.2`, `1,914`. */
export function rateText(rate: number): string {
  if (rate >= 10) return grouped(Math.round(rate))
  return String(Number(rate.toPrecision(2)))
}

/**
 * The verdict in one sentence: "holds 160 requests a second a pod (150 to 175); the limit lets 500 through; the autoscaler
 * tops out at 4 pods: 640".
 */
export function probeSentence({ found, answering, against }: Probed): string {
  const pods = answering?.count
  const parts = [
    heldText(found, against?.comparison.perPod ? pods : undefined, answering !== undefined && pods !== 1),
    ...(against ? againstTexts(against.comparison) : []),
  ]
  return `${parts.join('; ')}.`
}

function heldText(found: Found, pods: number | undefined, isMany: boolean): string {
  const { verdict, low = 0, best, high, limit } = found
  const of = (rate: number): string => rateText(rate / (pods ?? 1))
  const unit = `requests a second${pods === undefined ? '' : ' a pod'}`
  const all = pods !== undefined && isMany ? `, ${rateText(best ?? low)} by ${counted(pods, 'pod')}` : ''
  switch (verdict) {
    case 'measured':
      return `Holds ${of(best ?? low)} ${unit} (${of(low)} to ${of(high ?? low)})${all}`
    case 'at-least':
      return `Holds at least ${of(low)} ${unit}${all}`
    case 'limited': {
      const rate = limit?.rate.best ?? low
      const burst = limit?.burst ? `, and a burst of ${grouped(limit.burst)}` : ''
      return `A limit lets ${rateText(rate)} requests a second through${burst}; what is behind it holds at least that`
    }
    case 'unknown':
      return 'Its capacity is unknown'
    default:
      return verdict satisfies never
  }
}

function againstTexts({ limits, mostPods, mostHeld, perPod, isProtected }: Comparison): readonly string[] {
  const texts = limits.map(({ least, most, key, isShared, state }) => {
    const amount =
      most === undefined
        ? `${rateText(least)} or more`
        : most === least
          ? rateText(least)
          : `${rateText(least)} to ${rateText(most)}`
    const how =
      state === 'effective' ? '' : state === 'bypassable' ? ', but can be passed by' : ' (unknown whether it works)'
    return `the limit lets ${amount} through${isShared ? '' : ` for each ${key}`}${how}`
  })
  if (limits.length === 0) texts.push('no limit of requests stands before it')
  if (mostPods === Number.POSITIVE_INFINITY) texts.push('nothing caps its pods')
  else if (mostPods !== undefined && perPod)
    texts.push(`it tops out at ${counted(mostPods, 'pod')}: ${rateText((perPod.best ?? perPod.low) * mostPods)}`)
  if (isProtected === 'no' && mostHeld !== undefined) texts.push('so the limit lets through more than all of them hold')
  if (isProtected === 'client') texts.push('so one client cannot overload it, and several can')
  if (isProtected === 'yes') texts.push('so the limit keeps the load below what they hold')
  return texts
}
