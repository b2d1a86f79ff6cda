import type { CapObject } from '../../fix/caps/cap.ts'
import { clean, counted } from '../text.ts'
import { yamlText } from '../yaml.ts'

/** Objects that cap, and what would become of the bill. */
export interface ToldCaps {
  readonly caps: readonly CapObject[]
  /** The worst month before and after, as texts. */
  readonly worst: readonly [string, string]
  /** How many may grow without an end, before and after. */
  readonly open: readonly [number, number]
}

/** YAML for kubectl, with what a reviewer should know as comments above each object. */
export function* capsText({ caps, worst, open }: ToldCaps): Generator<string> {
  if (caps.length === 0) {
    yield '# Nothing grows without an end: no cap is needed.\n'
    return
  }
  yield comment(`${counted(caps.length, 'object')}. The worst month: ${worst[0]}, with them ${worst[1]}.`)
  yield comment(`Without an end: ${open[0]}, with them ${open[1]}.`)
  for (const { body, title, notes, verdict } of caps) {
    yield '---\n'
    yield comment(title)
    for (const note of notes) yield comment(`- ${note}`)
    yield comment(
      `On the record it ${WORDS[verdict.verdict]}${verdict.reasons.length === 0 ? '' : `: ${verdict.reasons.join('; ')}`}`,
    )
    yield yamlText(body)
  }
}

const WORDS = { holds: 'holds', breaks: 'breaks', unknown: 'is not proved' } as const

function comment(text: string): string {
  return `# ${clean(text)}\n`
}
