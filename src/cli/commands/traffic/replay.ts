import { UsageError } from '../../exit.ts'
import type { TrafficFlags } from './register.ts'

export async function replay(_flags: TrafficFlags): Promise<number> {
  throw new UsageError('not built')
}
