import { useMemo, useState } from 'react'
import type { ReportStep } from '../../src/report/plan.ts'
import { planSentence } from '../../src/report/plan-text.ts'
import type { Report } from '../../src/report/report.ts'
import { amount } from '../model/numbers.ts'
import { type Level, lessText, levelsOf, objectsOf } from '../model/plan.ts'
import { Change } from './change.tsx'
import { DiffView } from './diff.tsx'
import { Bars, More, moveAmong, usePaged } from './lists.tsx'
import { VerdictMark } from './marks.tsx'
import { useMedia } from './measure.ts'
import { RejectedList, ResidualNote } from './plan-rest.tsx'
import { PlanShip } from './plan-ship.tsx'
import { VerdictNote } from './proof.tsx'
import { clean } from './text.tsx'

interface PlanProps {
  readonly report: Report
  /** Shows in the drawing of the radius what a step cuts. */
  readonly onShow: (step: ReportStep) => void
}

/** What to change, in the order that removes most: the ledger, and the change that is opened. */
export function PlanSection({ report, onShow }: PlanProps) {
  const { plan = [], rejected = [], residual, stability } = report
  const levels = useMemo(() => levelsOf(plan), [plan])
  const isWide = useMedia('(min-width: 961px)')
  const [chosen, setChosen] = useState<number>()
  // Beside the list one change is always open; below its own row it waits until it is asked for.
  const opened = chosen === undefined ? (isWide ? 0 : undefined) : chosen < 0 ? undefined : chosen
  const open = (at: number): void => setChosen(at === opened && !isWide ? -1 : at)
  const shown = opened === undefined ? undefined : levels[opened]
  const change = (level: Level) => <Change key={level.step.id} report={report} level={level} onShow={onShow} />
  const rest = (
    <>
      {residual ? <ResidualNote residual={residual} stability={stability} steps={plan.length} /> : null}
      <RejectedList rejected={rejected} whole={plan[0]?.risk.before ?? report.risk.total} />
    </>
  )
  return (
    <>
      <h2 id="plan-title">
        Plan <small>{plan.length === 0 ? '' : `${amount(plan.length, 'change')}, by the risk each removes`}</small>
      </h2>
      <p className="told">
        <Bold text={planSentence(report) ?? ''} />
      </p>
      {plan.length === 0 ? (
        rest
      ) : (
        <>
          <PlanShip levels={levels} opened={opened} onOpen={(at) => setChosen(at)} />
          <div className="ledger">
            <div className="lst">
              <ChangeList levels={levels} opened={opened} isWide={isWide} onOpen={open} change={change} />
              {rest}
            </div>
            {isWide && shown ? (
              <div className="det screen-only" id="change">
                {change(shown)}
              </div>
            ) : null}
          </div>
          <PrintedChanges levels={levels} />
        </>
      )}
    </>
  )
}

/** Shares in weight: the sentence is the report's own. */
function Bold({ text }: { text: string }) {
  return text.split(/([<\d.\s]*\d %)/).map((part, at) =>
    at % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence never move
      <b key={at}>{part}</b>
    ) : (
      clean(part)
    ),
  )
}

interface ListProps {
  readonly levels: readonly Level[]
  readonly opened: number | undefined
  readonly isWide: boolean
  readonly onOpen: (at: number) => void
  readonly change: (level: Level) => React.ReactNode
}

function ChangeList({ levels, opened, isWide, onOpen, change }: ListProps) {
  const paged = usePaged(levels, 60)
  return (
    <>
      <p className="axis">
        <span>The bar is the risk left after each change.</span>
        <span>removed</span>
      </p>
      <ol className="chs" onKeyDown={moveAmong} aria-labelledby="plan-title">
        {paged.shown.map((level, at) => {
          const { step, before, after } = level
          const isOpen = at === opened
          const [object, ...others] = objectsOf(step)
          return (
            <li key={step.id}>
              <button
                type="button"
                className="ch"
                data-row=""
                tabIndex={at === (opened ?? 0) ? 0 : -1}
                aria-expanded={isOpen}
                aria-controls={isOpen ? 'change' : undefined}
                onClick={() => onOpen(at)}
              >
                <span className="i">{step.rank}</span>
                <span className="t">
                  <bdi>{clean(step.title)}</bdi>
                </span>
                <span className="rm">{lessText(step.risk.share)}</span>
                <Bars before={before} after={after} />
                <span className="o m">
                  {object === undefined ? '' : clean(object)}
                  {others.length > 0 ? ` and ${others.length} more` : ''}
                </span>
                <span className="p">
                  <VerdictMark verdict={step.proof.verdict} />
                </span>
                <span className="w">{step.owner === undefined ? 'no owner known' : clean(step.owner)}</span>
              </button>
              {isOpen && !isWide ? (
                <div className="det screen-only" id="change">
                  {change(level)}
                </div>
              ) : null}
            </li>
          )
        })}
      </ol>
      <More paged={paged} noun="changes" />
    </>
  )
}

const PRINTED = 30

/** On paper every change has its diff and its verdict. */
function PrintedChanges({ levels }: { levels: readonly Level[] }) {
  return (
    <ol className="print-only printed">
      {levels.slice(0, PRINTED).map(({ step }) => (
        <li key={step.id}>
          <h3 className="h">
            {step.rank}. {clean(step.title)}
          </h3>
          <VerdictNote proof={step.proof} />
          {step.patches.map((patch) => (
            <DiffView key={patch.file} patch={patch} first={40} />
          ))}
        </li>
      ))}
    </ol>
  )
}
