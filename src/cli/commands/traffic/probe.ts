import { UsageError } from '../../exit.ts'
import type { TrafficFlags } from './register.ts'

export async function probe(_flags: TrafficFlags, _args: readonly string[]): Promise<number> {
  throw new UsageError('not built')
}
