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
  exploited: 'a target with a vulnerability known to be exploited',
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
        <table>
          <caption>Part of all breaches</caption>
          <thead>
            <tr>
              <th scope="col">Entries</th>
              <th scope="col" className="num">
                Part
              </th>
            </tr>
          </thead>
          <tbody>
            {ENTRY_KINDS.map((kind) => (
              <tr key={kind}>
                <th scope="row">{ENTRIES[kind]}</th>
                <td className="num">{percent(weights.entries[kind])}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <table>
          <caption>Chance of a contact step</caption>
          <thead>
            <tr>
              <th scope="col">To</th>
              <th scope="col" className="num">
                Chance
              </th>
            </tr>
          </thead>
          <tbody>
            {CHANCE_KINDS.map((kind) => (
              <tr key={kind}>
                <th scope="row">{CHANCES[kind]}</th>
                <td className="num">{weights.chances[kind]}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <table>
          <caption>Value of an asset</caption>
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col" className="num">
                Value
              </th>
            </tr>
          </thead>
          <tbody>
            {GRAVEST.map((kind) => (
              <tr key={kind}>
                <th scope="row">{KIND_WORDS[kind]}</th>
                <td className="num">{weights.assets[kind]}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {overrides.length === 0 ? null : (
          <div>
            <table>
              <caption>{amount(overrides.length, 'value')} set for single assets</caption>
              <thead>
                <tr>
                  <th scope="col">Asset</th>
                  <th scope="col" className="num">
                    Value
                  </th>
                </tr>
              </thead>
              <tbody>
                {paged.shown.map(([id, value]) => (
                  <tr key={id}>
                    <th scope="row">
                      <code>{clean(id)}</code>
                    </th>
                    <td className="num">{value}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <More paged={paged} noun="values" />
          </div>
        )}
      </div>
    </div>
  )
}

function same(a: Weights, b: Weights): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
