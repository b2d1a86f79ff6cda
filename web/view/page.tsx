import { startTransition, useEffect, useMemo, useRef, useState } from 'react'
import type { ReportStep } from '../../src/report/plan.ts'
import type { Report } from '../../src/report/report.ts'
import { type Address, formatAddress, parseAddress } from '../model/address.ts'
import { amount } from '../model/numbers.ts'
import { hasPlan } from '../model/plan.ts'
import { type Walk, walkOf } from '../model/walk.ts'
import { Applications } from './applications.tsx'
import { Assets } from './assets.tsx'
import { Entries } from './entries.tsx'
import { Findings, FindingsSummary } from './findings.tsx'
import { Head } from './head.tsx'
import { Symbols } from './marks.tsx'
import { OverloadTable } from './overload.tsx'
import { PlanSection } from './plan.tsx'
import { RadiusSection } from './radius.tsx'
import { Top } from './top.tsx'
import { Unknowns, UnreadableInputs } from './unknowns.tsx'
import { WeightsSection } from './weights.tsx'

/** The whole report: one page, its sections in the order in which questions come up. */
export function Page({ report }: { report: Report }) {
  const { entries, applications, findings, unknowns, assets, weights, inputs } = report
  const [address, go] = useAddress()
  const walk = useWalk(report)
  const named = useMemo(() => entries.find(({ id }) => id === address.entry), [entries, address.entry])
  const entry = named ?? entries[0]
  const toRadius = (next: Address): void => {
    go(next)
    document.getElementById('radius')?.scrollIntoView()
  }
  const [cutting, setCutting] = useState<ReportStep>()
  const showCuts = (step: ReportStep): void => {
    const loser = step.relief.find(({ entry: id }) => entries.some((each) => each.id === id))
    setCutting(step)
    toRadius(loser ? { entry: loser.entry } : address)
  }
  const planned = hasPlan(report)
  const overloaded = report.overload.items.length > 0
  const onAsset = (to: string): void => go({ entry: entry?.id ?? '', to })
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Symbols />
      <Top planned={planned} overloaded={overloaded} />
      <main id="main" tabIndex={-1}>
        <Head report={report} />
        {planned ? (
          <section id="plan">
            <PlanSection report={report} onShow={showCuts} />
          </section>
        ) : null}
        <section id="radius" aria-label="Radius">
          {address.entry !== undefined && !named && entry ? (
            <p className="note">The link names an entry that this report does not hold; this is the first one.</p>
          ) : null}
          {entry && walk ? (
            <RadiusSection
              report={report}
              walk={walk}
              entry={entry}
              to={address.to}
              onEntry={(id) => go({ entry: id })}
              onAsset={onAsset}
              cutting={cutting}
              onUncut={() => setCutting(undefined)}
            />
          ) : (
            <p className={entry ? 'loading mute' : 'mute'}>
              {entry
                ? report.graph
                  ? 'Laying out the ship …'
                  : 'This report carries no graph.'
                : 'No entry was found.'}
            </p>
          )}
        </section>
        <section id="applications">
          <h2 id="applications-title">{amount(applications.length, 'application')}</h2>
          <Applications report={report} onEntry={(id) => toRadius({ entry: id })} />
        </section>
        <section id="entries">
          <h2 id="entries-title">{amount(entries.length, 'entry', 'entries')}</h2>
          <Entries report={report} current={entry?.id ?? ''} onEntry={(id) => toRadius({ entry: id })} />
        </section>
        {overloaded ? (
          <section id="overload">
            <h2 id="overload-title">
              Overload <small>what one can exhaust, and whom it hits</small>
            </h2>
            <OverloadTable report={report} onEntry={(id) => toRadius({ entry: id })} />
          </section>
        ) : null}
        <section id="findings">
          <h2 id="findings-title">{amount(findings.length, 'finding')}</h2>
          <div className="screen-only">
            <Findings findings={findings} />
          </div>
          <div className="print-only">
            <FindingsSummary findings={findings} />
          </div>
        </section>
        <section id="unknown">
          <h2>
            Not known <small>{unknowns.length === 0 ? '' : amount(unknowns.length, 'unknown')}</small>
          </h2>
          <Unknowns unknowns={unknowns} />
          <UnreadableInputs problems={inputs.unreadable} />
        </section>
        <section id="assets">
          <h2 id="assets-title">{amount(assets.length, 'asset')} and what each is worth</h2>
          <Assets report={report} onAsset={(to) => toRadius({ entry: entry?.id ?? '', to })} />
        </section>
        <section id="method">
          <h2>How risk is counted</h2>
          <WeightsSection weights={weights} />
        </section>
      </main>
      <footer className="foot">
        Control: no further exploit. Contact: one or two more exploits. Every figure rests on what was read and on
        nothing else. Bulkhead changes nothing by itself, and this file opens no connection.
      </footer>
    </>
  )
}

/** The graph, made ready after the head of the page has been painted. */
function useWalk({ graph, assets }: Report): Walk | undefined {
  const [walk, setWalk] = useState<Walk>()
  useEffect(() => {
    if (!graph) return
    const soon = setTimeout(() => {
      const ready = walkOf(graph, assets)
      startTransition(() => setWalk(ready))
    }, 30)
    return () => clearTimeout(soon)
  }, [graph, assets])
  return walk
}

/** The entry and the asset that the address names; going somewhere is a step in the browser's history. */
function useAddress(): [Address, (next: Address) => void] {
  const [address, setAddress] = useState<Address>(() => parseAddress(location.hash) ?? {})
  const shown = useRef(address)
  shown.current = address
  useEffect(() => {
    const read = (): void => {
      // A heading of the page keeps the entry that was shown beside it, for the way back.
      const next = parseAddress(location.hash) ?? (history.state as Address | null) ?? undefined
      if (next) setAddress(next)
      else if (location.hash === '') setAddress({})
      else history.replaceState(shown.current, '')
    }
    addEventListener('hashchange', read)
    return () => removeEventListener('hashchange', read)
  }, [])
  const go = (next: Address): void => {
    setAddress(next)
    const hash = formatAddress(next)
    if (location.hash !== hash) history.pushState(null, '', hash)
  }
  return [address, go]
}
