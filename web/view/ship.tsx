import type { CSSProperties } from 'react'
import type { Compartment } from '../hull/compartments.ts'
import type { Hull } from '../hull/hull.ts'
import { amount, chanceText, grouped } from '../model/numbers.ts'
import type { HullProps } from './hull.tsx'
import { waterClass } from './hull-parts.tsx'
import { moveAmong } from './lists.tsx'
import { KindMark } from './marks.tsx'
import { clean } from './text.tsx'

/** The ship bow up, for narrow screens: a row of rooms for each number of steps. */
export function Ship({ hull, entry, counts, selected, marked, onSelect }: HullProps) {
  const rows = rowsOf(hull)
  const isOn = ({ assets }: Compartment): boolean => selected !== undefined && assets.includes(selected)
  const isMarked = ({ assets }: Compartment): boolean => assets.some((asset) => marked?.has(asset))
  const room = (compartment: Compartment, kind: string, said: string, isFirst: boolean) => (
    <button
      key={compartment.key}
      type="button"
      data-row=""
      tabIndex={isFirst ? 0 : -1}
      className={`mcell ${kind}${isOn(compartment) ? ' sel' : ''}${isMarked(compartment) ? ' marked' : ''}${compartment.assumed ? ' assumed' : ''}`}
      style={{ '--lv': compartment.chance } as CSSProperties}
      aria-label={`${clean(compartment.label)}${compartment.note === '' ? '' : `, ${compartment.note}`}, ${said}${compartment.assumed ? ', rests on an unknown step' : ''}`}
      onClick={() => onSelect(compartment.assets[0] as number, compartment)}
    >
      <span>
        <KindMark kind={compartment.mark} /> <bdi>{clean(compartment.label)}</bdi>
      </span>
      <small>{kind === 't' ? chanceText(compartment.chance) : compartment.note}</small>
    </button>
  )
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing of buttons is a group of them
    <div
      className="mship"
      role="group"
      aria-label={`The ship, ${entry} at the bow. The table below says the same.`}
      onKeyDown={moveAmong}
    >
      <div className="bow">
        <b>{clean(entry)}</b>
        <span>the entry</span>
      </div>
      {rows.length === 0 ? null : (
        <p className="mcap">
          Control: no further exploit <b>{grouped(counts.control)}</b>
        </p>
      )}
      {rows.map(({ steps, rooms }, row) => (
        <div key={steps} className="mrow">
          <p className="steps">{steps === 0 ? 'its own' : amount(steps, 'step')}</p>
          <div className="cells">
            {rooms.map((each, at) => room(each, 'c', `under control, ${amount(each.steps, 'step')}`, row + at === 0))}
          </div>
        </div>
      ))}
      {hull.contact ? (
        <>
          <p className="mcap">
            Contact: one or two more exploits <b>{grouped(counts.contact)}</b>
          </p>
          <div className="cells contact">
            {hull.contact.cells.map(({ compartment }, at) =>
              room(
                compartment,
                `t ${waterClass(compartment.chance)}`,
                `in contact, chance ${chanceText(compartment.chance)}`,
                rows.length + at === 0,
              ),
            )}
          </div>
        </>
      ) : null}
      {hull.stern ? (
        <p className="mcap">
          Dry <b>{grouped(counts.dry)}</b>
          <span className="marks" aria-hidden="true">
            {hull.stern.rooms.slice(0, 24).map((each) => (
              <KindMark key={each.assets[0]} kind={each.kind} />
            ))}
          </span>
        </p>
      ) : null}
    </div>
  )
}

function rowsOf(hull: Hull): readonly { readonly steps: number; readonly rooms: readonly Compartment[] }[] {
  return (hull.hold?.columns ?? []).map(({ steps }) => ({
    steps,
    rooms: (hull.hold?.rooms ?? [])
      .map(({ compartment }) => compartment)
      .filter((compartment) => compartment.steps === steps),
  }))
}
