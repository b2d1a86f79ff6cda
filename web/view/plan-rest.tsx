import type { ReportRejected } from '../../src/report/plan.ts'
import type { Report } from '../../src/report/report.ts'
import { amount, percent, shareOf } from '../model/numbers.ts'
import { More, usePaged } from './lists.tsx'
import { VerdictMark } from './marks.tsx'
import { ProofBlock } from './proof.tsx'
import { clean } from './text.tsx'

/** What the plan leaves, and why. */
export function ResidualNote({
  residual,
  stability,
  steps,
}: {
  residual: NonNullable<Report['residual']>
  stability: Report['stability']
  steps: number
}) {
  const { share, further, why } = residual
  return (
    <div className="residual">
      <p>
        <b>{percent(share)} of the risk is left</b>
        {steps === 0 ? '' : ` after ${steps === 1 ? 'this change' : `all ${steps} changes`}`}
        {further === 0 ? '.' : `; ${amount(further, 'further change')} may lower it.`}
      </p>
      <ul>
        {why.map((reason) => (
          <li key={reason}>{clean(reason)}</li>
        ))}
        {stability?.isStable === false ? (
          <li>
            if everything were worth the same, the first change would be:{' '}
            <bdi>{clean(stability.first?.title ?? '')}</bdi>
          </li>
        ) : null}
      </ul>
    </div>
  )
}

const WHY: Readonly<Record<ReportRejected['why'], string>> = {
  breaks: 'breaks what was recorded',
  'cannot-be-edited': 'cannot be made in place',
}

/** Changes that would help and must not be made, or cannot be; each with what speaks against it. */
export function RejectedList({ rejected, whole }: { rejected: readonly ReportRejected[]; whole: number }) {
  const paged = usePaged(rejected, 12)
  if (rejected.length === 0) return null
  return (
    <div className="rejected">
      <h3 className="h">
        Not in the plan{' '}
        <small>{amount(rejected.length, 'change')} that would help and must not or cannot be made</small>
      </h3>
      <ul>
        {paged.shown.map(({ id, title, why, reason, gain, proof }) => (
          <li key={id}>
            <p className="rj">
              <span className="t">
                <bdi>{clean(title)}</bdi>
              </span>
              <span className="dim">would remove {percent(shareOf(gain, whole))}</span>
              {why === 'breaks' ? <VerdictMark verdict="breaks" /> : <span className="mute">{WHY[why]}</span>}
            </p>
            <p className="mute">
              {clean(reason)} <code className="dim">{clean(id)}</code>
            </p>
            {proof ? (
              <details>
                <summary>{proof.counterexamples.length > 0 ? 'Its counterexample and proof' : 'Its proof'}</summary>
                <div className="det">
                  <div className="change">
                    <ProofBlock proof={proof} />
                  </div>
                </div>
              </details>
            ) : null}
          </li>
        ))}
      </ul>
      <More paged={paged} noun="changes that are not in the plan" />
    </div>
  )
}
