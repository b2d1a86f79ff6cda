import type { Limit } from '../limit.ts'

/** nginx answers with codes from 400 to 599; 429 is what a client understands where no code was said. */
export function nginxCode(limits: readonly Limit[]): number {
  const code = limits.find((limit) => limit.code !== undefined)?.code ?? 429
  return code >= 400 && code <= 599 ? code : 429
}
