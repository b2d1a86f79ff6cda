import type { ReportAsset, ReportEntry } from '../../src/report/report.ts'
import { GRAVEST } from './names.ts'
import type { Radius } from './radius.ts'

/** The asset whose path is worth telling first: the surest, then the gravest, then the nearest that is not its own. */
export function gravest(radius: Radius, assets: readonly ReportAsset[], entry: ReportEntry): number | undefined {
  const reached = [...radius.control, ...radius.contact]
  const foreign = reached.filter(({ asset }) => {
    const { application } = assets[asset] as ReportAsset
    return application === undefined || application !== entry.application
  })
  const rank = (asset: number): number => GRAVEST.indexOf((assets[asset] as ReportAsset).kind)
  const [best] = (foreign.length > 0 ? foreign : reached).toSorted(
    (a, b) => b.chance - a.chance || rank(a.asset) - rank(b.asset) || a.steps - b.steps || a.asset - b.asset,
  )
  return best?.asset
}

/** The fewest steps to the control plane without a further exploit. */
export function stepsToControlPlane(radius: Radius, assets: readonly ReportAsset[]): number | undefined {
  const steps = radius.control.flatMap(({ asset, steps: count }) =>
    assets[asset]?.kind === 'controlPlane' ? [count] : [],
  )
  return steps.length === 0 ? undefined : Math.min(...steps)
}
