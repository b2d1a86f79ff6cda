import type { FoundLimit } from './dialect.ts'

/**
 * The limits of an object, and those of its controller's settings that it does not replace: a default counts until the
 * object sets the same kind (and the same time) itself, be it to say that there is none.
 */
export function overDefaults(own: readonly FoundLimit[], settings: readonly FoundLimit[]): readonly FoundLimit[] {
  const set = new Set(own.filter(({ inert }) => inert === undefined || inert.rule === 'unlimited').map(slot))
  return [...own, ...settings.filter((each) => !set.has(slot(each)))]
}

function slot({ limit }: FoundLimit): string {
  const worker = limit.key.kind === 'expression' && limit.kind === 'connections' ? limit.key.text : ''
  return `${limit.kind} ${limit.of ?? ''} ${worker}`
}
