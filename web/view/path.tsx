import { type KeyboardEvent, useEffect, useState } from 'react'
import type { Evidence } from '../../src/report/evidence.ts'
import { amount, chanceText } from '../model/numbers.ts'
import type { ToldStep } from '../model/told.ts'
import { EvidenceList } from './evidence.tsx'
import { UnknownMark } from './marks.tsx'
import { clean } from './text.tsx'

interface PathProps {
  readonly from: string
  readonly to: string
  readonly chance: number
  readonly steps: readonly ToldStep[]
  /** A longer way without unknown steps. */
  readonly certain: readonly ToldStep[] | undefined
  readonly exposure: readonly Evidence[]
  readonly how: string
  readonly step: number
  readonly onStep: (step: number) => void
}

/** One way, a step at a time, each with what it rests on. Back and Step on are buttons and arrow keys. */
export function PathPanel(props: PathProps) {
  const { from, to, chance, certain, exposure, how, step, onStep } = props
  const [whole, setWhole] = useState(false)
  const [wantsCertain, setWantsCertain] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another way begins with its best path
  useEffect(() => setWantsCertain(false), [from, to])
  const steps = wantsCertain && certain ? certain : props.steps
  const last = steps.length
  const here = Math.min(step, last)
  const go = (next: number): void => onStep(Math.max(0, Math.min(last, next)))
  const onKeyDown = (event: KeyboardEvent): void => {
    const sign = { ArrowRight: 1, ArrowDown: 1, j: 1, ArrowLeft: -1, ArrowUp: -1, k: -1 }[event.key]
    if (sign === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    go(here + sign)
  }
  return (
    <section className="path" aria-labelledby="path-title">
      <h3 className="h" id="path-title">
        Path{' '}
        <small>
          <bdi>{clean(from)}</bdi> to <bdi>{clean(to)}</bdi>, {amount(last, 'step')}, chance {chanceText(chance)}
        </small>
      </h3>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons inside are what is operated */}
      <div className="walk" onKeyDown={onKeyDown}>
        <button type="button" className="btn" aria-disabled={here === 0} onClick={() => go(here - 1)}>
          ← Back
        </button>
        <span aria-live="polite">
          step {here} of {last}
        </span>
        <button type="button" className="btn" aria-disabled={here === last} onClick={() => go(here + 1)}>
          Step on →
        </button>
      </div>
      <ol className={`pst${whole ? ' whole' : ''}`} onKeyDown={onKeyDown}>
        <li className={here === 0 ? 'on' : 'past'}>
          <span className="k">0</span>
          <div>
            <StepButton isOn={here === 0} onClick={() => go(0)}>
              <bdi>{clean(from)}</bdi> is breached
            </StepButton>
            <div className="why">
              {exposure.length === 0 ? <p className="ev">{how}</p> : <EvidenceList because={exposure} />}
            </div>
          </div>
        </li>
        {steps.map(({ text, unknown, chance: own, because }, at) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place in the path
            key={at}
            className={`${here === at + 1 ? 'on' : here > at + 1 ? 'past' : ''}${unknown ? ' unsure' : ''}`}
          >
            <span className="k">{at + 1}</span>
            <div>
              <StepButton isOn={here === at + 1} onClick={() => go(at + 1)}>
                {clean(text)}
                {own < 1 ? <span className="tag">contact, chance {chanceText(own)}</span> : null}
              </StepButton>
              {unknown ? <UnknownMark word="unknown: walked as if present" /> : null}
              <div className="why">
                {unknown ? (
                  <p className="ev missing">
                    Nothing that was read shows for certain that this step is there.{' '}
                    <a href="#unknown">What is not known</a> names what would settle it.
                  </p>
                ) : null}
                <EvidenceList because={because} />
              </div>
            </div>
          </li>
        ))}
      </ol>
      <p className="under">
        <button type="button" className="link" onClick={() => setWhole(!whole)}>
          {whole ? 'Show evidence of one step' : 'Show evidence of every step'}
        </button>
        {certain ? (
          <button type="button" className="link" onClick={() => setWantsCertain(!wantsCertain)}>
            {wantsCertain ? 'Show the shortest way' : `Show a way without unknown steps (${certain.length})`}
          </button>
        ) : null}
      </p>
    </section>
  )
}

interface StepButtonProps {
  readonly isOn: boolean
  readonly onClick: () => void
  readonly children: React.ReactNode
}

function StepButton({ isOn, onClick, children }: StepButtonProps) {
  return (
    <button
      type="button"
      className="step"
      tabIndex={isOn ? 0 : -1}
      aria-current={isOn ? 'step' : undefined}
      onClick={onClick}
    >
      {children}
    </button>
  )
}
