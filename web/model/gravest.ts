import type { ReportAsset, ReportEntry } from '../../src/report/report.ts'
import { GRAVEST } from './names.ts'
import type { Radius, Reached } from './radius.ts'

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

/** The way to the control plane, if there is one. */
export function wayToControlPlane(radius: Radius, assets: readonly ReportAsset[]): Reached | undefined {
  return radius.of.find((reached) => reached !== undefined && assets[reached.asset]?.kind === 'controlPlane')
}
