import type { Truth } from '../../../cluster/labels.ts'
import type { Settings } from './dialect.ts'

/** Whether the product is of this version or a later one; *unknown* where its image says none. */
export function isAtLeast({ version }: Settings, major: number, minor: number): Truth {
  const parts = version === undefined ? null : /^v?([0-9]{1,6})\.([0-9]{1,6})(?:[.+-]|$)/.exec(version)
  if (parts === null) return 'unknown'
  const [ours, theirs] = [Number(parts[1]) - major, Number(parts[2]) - minor]
  return ours > 0 || (ours === 0 && theirs >= 0) ? 'yes' : 'no'
}
