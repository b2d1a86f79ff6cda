import type { Radius } from '../model/radius.ts'

const WATER = [
  { name: 's4', text: '0.3 and up', holds: (chance: number) => chance >= 0.3 },
  { name: 's3', text: '0.1 to 0.3', holds: (chance: number) => chance >= 0.1 && chance < 0.3 },
  { name: 's2', text: 'below 0.1', holds: (chance: number) => chance < 0.1 },
]

/** Names only what the drawing shows. */
export function Legend({ radius: { control, contact, dry } }: { radius: Radius }) {
  const isAssumed = [...control, ...contact].some(({ certain, chance }) => certain < chance)
  return (
    <figcaption>
      {control.length > 0 ? <Key name="s6" text="control, chance 1" /> : null}
      {WATER.filter(({ holds }) => contact.some(({ chance }) => holds(chance))).map(({ name, text }) => (
        <Key key={name} name={name} text={text} />
      ))}
      {isAssumed ? <Key name="s6 assumed" text="only over an unknown step" /> : null}
      {control.length > 0 ? (
        <span className="key">
          <i className="kd" aria-hidden="true" />
          door: a step an attacker can take
        </span>
      ) : null}
      {contact.length > 0 ? <span className="key">water stands as high as the chance</span> : null}
      {dry.length > 0 ? <span className="key">dry: no way found</span> : null}
    </figcaption>
  )
}

function Key({ name, text }: { name: string; text: string }) {
  return (
    <span className="key">
      <i className={`kb fill ${name}`} aria-hidden="true" />
      {text}
    </span>
  )
}
