import { useDeferredValue, useMemo, useState } from 'react'
import type { Severity } from '../../src/engines/engine.ts'
import type { ReportFinding } from '../../src/report/report.ts'
import { byCheck, type CheckGroup, countsBy, findingText, haystack, SEVERITIES, search } from '../model/find.ts'
import { amount, grouped } from '../model/numbers.ts'
import { EvidenceList, place } from './evidence.tsx'
import { More, moveAmong, Search, Segments, usePaged } from './lists.tsx'
import { SeverityMark } from './marks.tsx'
import { Opener, OpeningRow } from './opening-row.tsx'
import { clean } from './text.tsx'

type Filter = Severity | 'all'
type Shape = 'check' | 'list'

const MANY = 30

const textOf = haystack(findingText)

/** What the checks found, gravest first; each opens to what it rests on. */
export function Findings({ findings }: { findings: readonly ReportFinding[] }) {
  const [severity, setSeverity] = useState<Filter>('all')
  const [query, setQuery] = useState('')
  const [shape, setShape] = useState<Shape>(findings.length > MANY ? 'check' : 'list')
  const wanted = useDeferredValue(query)
  const counts = useMemo(() => countsBy(findings, (finding) => finding.severity), [findings])
  const found = useMemo(() => {
    const kept = severity === 'all' ? findings : findings.filter((finding) => finding.severity === severity)
    return search(kept, wanted, textOf)
  }, [findings, severity, wanted])
  const groups = useMemo(() => byCheck(found), [found])
  if (findings.length === 0) return <p className="mute">The checks found nothing in what was read.</p>
  return (
    <>
      <div className="filters">
        <Segments
          label="Severity"
          value={severity}
          onValue={setSeverity}
          options={[
            { value: 'all', text: 'All', count: findings.length },
            ...SEVERITIES.map((value) => ({
              value,
              text: value.charAt(0).toUpperCase() + value.slice(1),
              count: counts.get(value) ?? 0,
            })),
          ]}
        />
        <Segments
          label="Shown"
          value={shape}
          onValue={setShape}
          options={[
            { value: 'check', text: 'By check' },
            { value: 'list', text: 'One by one' },
          ]}
        />
        <Search label="Find in findings" value={query} onValue={setQuery} />
        <span className="dim" aria-live="polite">
          {found.length === findings.length ? '' : amount(found.length, 'finding')}
        </span>
      </div>
      {shape === 'check' ? <ByCheck key={wanted} groups={groups} /> : <FindingTable findings={found} />}
      {found.length === 0 ? <p className="rest">No finding matches.</p> : null}
    </>
  )
}

function ByCheck({ groups }: { groups: readonly CheckGroup[] }) {
  const [opened, setOpened] = useState<string | undefined>(groups.length === 1 ? groups[0]?.check : undefined)
  const paged = usePaged(groups, 40)
  return (
    <>
      <table className="tb" onKeyDown={moveAmong} aria-labelledby="findings-title">
        <thead>
          <tr>
            <th scope="col">Check</th>
            <th scope="col">Severity</th>
            <th scope="col" className="c2">
              For instance
            </th>
            <th scope="col" className="num">
              Findings
            </th>
          </tr>
        </thead>
        <tbody>
          {paged.shown.map(({ check, severity, findings }, at) => {
            const isOpen = opened === check
            return (
              <OpeningRow key={check} isOpen={isOpen} columns={4} inside={() => <FindingTable findings={findings} />}>
                <Opener isOpen={isOpen} isFirst={at === 0} onClick={() => setOpened(isOpen ? undefined : check)}>
                  <code>{clean(check)}</code>
                </Opener>
                <td>
                  <SeverityMark severity={severity} />
                </td>
                <td className="c2 mute">{clean(findings[0]?.message ?? '')}</td>
                <td className="num">{grouped(findings.length)}</td>
              </OpeningRow>
            )
          })}
        </tbody>
      </table>
      <More paged={paged} noun="checks" />
    </>
  )
}

function FindingTable({ findings }: { findings: readonly ReportFinding[] }) {
  const [opened, setOpened] = useState<string>()
  const paged = usePaged(findings, 25)
  return (
    <>
      <table className="tb found" onKeyDown={moveAmong}>
        <thead>
          <tr>
            <th scope="col">Severity</th>
            <th scope="col">Finding</th>
            <th scope="col" className="c3">
              Where
            </th>
          </tr>
        </thead>
        <tbody>
          {paged.shown.map((finding, at) => {
            const { id, severity, resource, container, message, location, because, check } = finding
            const isOpen = opened === id
            const name = resource.namespace === '' ? resource.name : `${resource.namespace}/${resource.name}`
            return (
              <OpeningRow
                key={id}
                isOpen={isOpen}
                columns={3}
                inside={() => (
                  <>
                    <h4 className="h">
                      Because <small>{clean(check)}</small>
                    </h4>
                    {location === undefined ? null : (
                      <p className="ev">
                        <code>{place(location)}</code>
                      </p>
                    )}
                    <EvidenceList because={because} />
                  </>
                )}
              >
                <td>
                  <SeverityMark severity={severity} />
                </td>
                <Opener isOpen={isOpen} isFirst={at === 0} onClick={() => setOpened(isOpen ? undefined : id)}>
                  <span>
                    <bdi>{clean(message)}</bdi>
                    <span className="dim block">
                      <bdi>{clean(`${resource.kind} ${name}`)}</bdi>
                      {container === undefined ? '' : clean(`, container ${container}`)}
                    </span>
                  </span>
                </Opener>
                <td className="c3">{location === undefined ? null : <code>{place(location)}</code>}</td>
              </OpeningRow>
            )
          })}
        </tbody>
      </table>
      <More paged={paged} noun="findings" />
    </>
  )
}

/** For paper: how many findings of each check, not each of them. */
export function FindingsSummary({ findings }: { findings: readonly ReportFinding[] }) {
  return (
    <table className="tb">
      <caption>Findings by check</caption>
      <thead>
        <tr>
          <th scope="col">Check</th>
          <th scope="col">Severity</th>
          <th scope="col">For instance</th>
          <th scope="col" className="num">
            Findings
          </th>
        </tr>
      </thead>
      <tbody>
        {byCheck(findings).map(({ check, severity, findings: of }) => (
          <tr key={check}>
            <th scope="row">
              <code>{clean(check)}</code>
            </th>
            <td>
              <SeverityMark severity={severity} />
            </td>
            <td>
              {clean(of[0]?.message ?? '')} <code>{of[0]?.location ? place(of[0].location) : ''}</code>
            </td>
            <td className="num">{grouped(of.length)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
