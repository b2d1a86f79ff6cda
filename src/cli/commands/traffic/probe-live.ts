import type { Live, Sender } from '../../../observe/probe/sender.ts'
import type { Caps } from '../../../observe/probe/step.ts'
import { grouped } from '../../../report/text.ts'
import { rateText } from '../../../report/traffic/probe-sentence.ts'

/** `178 a second: 120 sent, 118 answered, 2 in flight; 1,204/5,000 requests, 12/60 s`. */
export function liveText(live: Live, used: Sender['used'], caps: Caps): string {
  const { step, sent, served, failed, limited, inFlight } = live
  const load =
    step.kind === 'open'
      ? `${rateText(step.rate)} a second`
      : step.kind === 'closed'
        ? `${step.concurrency} at once`
        : 'rest'
  const parts = [
    `${sent} sent`,
    `${served} answered`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(limited > 0 ? [`${limited} refused`] : []),
    `${inFlight} in flight`,
  ]
  const budget = `${grouped(used.requests)}/${grouped(caps.requests)} requests, ${Math.floor(used.seconds)}/${caps.seconds} s`
  return `${load}: ${parts.join(', ')}; ${budget}`
}
