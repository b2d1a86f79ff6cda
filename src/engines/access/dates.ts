/** `2026-11-02 14:05 UTC`. */
export function dateText(time: number): string {
  if (!Number.isFinite(time) || Math.abs(time) > 8.64e15) return 'an unknown time'
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
