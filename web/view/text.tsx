import { clean } from '../../src/report/text.ts'
import { nameOf } from '../model/names.ts'

/** Names are an attacker's to choose: whatever comes out of the report is shown through this. */
export { clean }

/** A name that reads in its own direction, whatever it holds. */
export function Said({ text }: { text: string }) {
  return <bdi>{clean(text)}</bdi>
}

/** `Deployment web/frontend`, the name first in weight. */
export function Id({ id, plain = false }: { id: string; plain?: boolean }) {
  const { kind, text } = nameOf(id)
  return (
    <span>
      {plain ? <Said text={text} /> : <b>{<Said text={text} />}</b>} <span className="dim">{clean(kind)}</span>
    </span>
  )
}
