import type { ReactNode } from 'react'
import { CHANCE_KINDS, ENTRY_KINDS, SHIPPED, type Weights } from '../../src/radius/weights.ts'
import { GRAVEST, KIND_WORDS } from '../model/names.ts'
import { amount, percent } from '../model/numbers.ts'
import { More, usePaged } from './lists.tsx'
import { clean } from './text.tsx'

const ENTRIES = {
  exposed: 'exposed workloads',
  credential: 'credentials of people and CI',
  workload: 'other workloads',
}
const CHANCES = {
  served: 'a port that the target is known to serve',
  unserved: 'another port',
  exploited: 'a target with a vulnerability known to be exploited (none is read yet)',
}

/** How risk is counted: the formula in words, and the numbers that go into it. */
export function WeightsSection({ weights }: { weights: Weights }) {
  const overrides = Object.entries(weights.overrides)
  const paged = usePaged(overrides, 20)
  const isShipped = same(weights, SHIPPED)
  return (
    <div className="method">
      <div className="prose">
        <p>
          Risk is the share of all value that one breach is expected to cost, wherever it starts. Each entry is given a
          part of all breaches. For each entry, each asset counts its value times the chance of the best path to it. The
          sum over all entries and assets, divided by the sum of all values, is the risk.
        </p>
        <p>
          A control step needs no further exploit: a right, a mounted token, a host path. Its chance is 1. A contact
          step opens a connection to something that would still have to be exploited. A path may hold two of those. Of
          equal paths the one with the fewest unknown steps is shown, then the shortest.
        </p>
        <p>
          A step whose truth is unknown is walked as if it were there, and marked. What falls away without such steps is
          the part of the risk that rests on what is not known. The figures rank and compare; they measure nothing.
        </p>
        <p className="dim">
          {isShipped
            ? 'These are the shipped weights.'
            : 'These are not the shipped weights: a file of the user changed them.'}
        </p>
      </div>
      <div className="tables">
        <Figures
          caption="Part of all breaches"
          heads={['Entries', 'Part']}
          rows={ENTRY_KINDS.map((kind) => [kind, ENTRIES[kind], percent(weights.entries[kind])])}
        />
        <Figures
          caption="Chance of a contact step"
          heads={['To', 'Chance']}
          rows={CHANCE_KINDS.map((kind) => [kind, CHANCES[kind], weights.chances[kind]])}
        />
        <Figures
          caption="Value of an asset"
          heads={['Kind', 'Value']}
          rows={GRAVEST.map((kind) => [kind, KIND_WORDS[kind], weights.assets[kind]])}
        />
        {overrides.length === 0 ? null : (
          <div>
            <Figures
              caption={`${amount(overrides.length, 'value')} set for single assets`}
              heads={['Asset', 'Value']}
              rows={paged.shown.map(([id, value]) => [id, <code key={id}>{clean(id)}</code>, value])}
            />
            <More paged={paged} noun="values" />
          </div>
        )}
      </div>
    </div>
  )
}

interface FiguresProps {
  readonly caption: string
  readonly heads: readonly [string, string]
  readonly rows: readonly (readonly [key: string, name: ReactNode, figure: ReactNode])[]
}

function Figures({ caption, heads: [name, figure], rows }: FiguresProps) {
  return (
    <table>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{name}</th>
          <th scope="col" className="num">
            {figure}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([key, ...cells]) => (
          <tr key={key}>
            <th scope="row">{cells[0]}</th>
            <td className="num">{cells[1]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function same(a: Weights, b: Weights): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
