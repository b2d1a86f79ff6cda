import type { Problem } from '../../src/errors.ts'
import type { ReportUnknown } from '../../src/report/report.ts'
import { amount, grouped } from '../model/numbers.ts'
import { EvidenceList, place } from './evidence.tsx'
import { More, usePaged } from './lists.tsx'
import { clean } from './text.tsx'

/** What could not be decided: named, counted, and what would settle it. */
export function Unknowns({ unknowns }: { unknowns: readonly ReportUnknown[] }) {
  const paged = usePaged(unknowns, 30)
  if (unknowns.length === 0) return <p className="mute">None was met in what was read.</p>
  return (
    <>
      <ul className="unks">
        {paged.shown.map(({ id, message, count, settle, because }) => (
          <li key={id} className="unk">
            <svg className="g" aria-hidden="true">
              <use href="#g-unknown" />
            </svg>
            <div>
              <h3>
                {clean(message)} <small>touches {grouped(count)}</small>
              </h3>
              <p>
                <span className="dim">To settle it:</span> {clean(settle)}.
              </p>
              {because.length === 0 ? null : (
                <details>
                  <summary>{amount(because.length, 'reason')}</summary>
                  <EvidenceList because={because} />
                </details>
              )}
            </div>
          </li>
        ))}
      </ul>
      <More paged={paged} noun="unknowns" />
    </>
  )
}

/** Inputs that could not be read, by file and line: what they hold is in no figure. */
export function UnreadableInputs({ problems }: { problems: readonly Problem[] }) {
  const paged = usePaged(problems, 30)
  if (problems.length === 0) return null
  return (
    <div id="unreadable">
      <h3 className="h">
        Could not be read <small>{amount(problems.length, 'place')}; what they hold is in no figure</small>
      </h3>
      <table className="tb" aria-label="Inputs that could not be read">
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col">Why</th>
            <th scope="col" className="c2">
              Code
            </th>
          </tr>
        </thead>
        <tbody>
          {paged.shown.map((problem, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: problems have no id and never move
            <tr key={at}>
              <th scope="row">
                <code>{place(problem)}</code>
              </th>
              <td>{clean(problem.message)}</td>
              <td className="c2">
                <code>{clean(problem.code)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <More paged={paged} noun="unreadable places" />
    </div>
  )
}
