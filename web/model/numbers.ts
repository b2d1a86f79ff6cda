import { grouped } from '../../src/report/text.ts'

export { chanceText, counted, grouped, listed, percent } from '../../src/report/text.ts'

/** `1 asset`, `2,500 assets`. */
export function amount(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}

export function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
