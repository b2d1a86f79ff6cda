import { grouped } from '../../src/report/text.ts'

export { counted, grouped, listed, percent } from '../../src/report/text.ts'

/** `1 asset`, `2,500 assets`. */
export function amount(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}

/** Chances as the command line prints them: `1`, `0.1`, `0.0042`. */
export function chanceText(chance: number): string {
  return chance === 1 ? '1' : String(Number(chance.toPrecision(2)))
}

export function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
