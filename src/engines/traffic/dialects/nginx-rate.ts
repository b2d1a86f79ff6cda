import { atoi } from './numbers.ts'

/** `10r/s`, `600r/m`: requests and the seconds of their period; undefined where nginx takes it for no rate. */
export function nginxRate(text: string): { readonly rate: number; readonly period: number } | undefined {
  const parts = text.length > 64 ? null : /^([0-9]+)r\/([sm])$/.exec(text.trim())
  const rate = parts ? atoi(parts[1] as string) : undefined
  return rate === undefined || rate <= 0 ? undefined : { rate, period: parts?.[2] === 's' ? 1 : 60 }
}

/**
 * Requests of a burst that wait for nobody: all of them with `nodelay`, those of `delay=`, else none; undefined where that
 * is all of them.
 */
export function undelayed(burst: number, delay: number | undefined, noDelay: boolean): number | undefined {
  return noDelay || burst === 0 ? undefined : Math.min(delay ?? 0, burst)
}
