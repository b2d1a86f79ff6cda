import type { Evidence } from '../../src/report/evidence.ts'
import { nameOf } from '../model/names.ts'
import { More, usePaged } from './lists.tsx'
import { clean } from './text.tsx'

/** What a statement rests on: in words, then the object and its field, then the place in the input. */
export function EvidenceList({ because }: { because: readonly Evidence[] }) {
  const paged = usePaged(because, 12)
  if (because.length === 0) return <p className="ev">No evidence is recorded for this step.</p>
  return (
    <>
      <ul className="ev">
        {paged.shown.map((each, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: evidence has no id and never moves
          <li key={at}>
            {clean(each.text)}
            {each.resource === undefined ? null : <Resource id={each.resource} field={each.field} />}
            {each.file === undefined ? null : <code className="p">{place(each)}</code>}
          </li>
        ))}
      </ul>
      <More paged={paged} noun="reasons" />
    </>
  )
}

function Resource({ id, field }: { id: string; field: string | undefined }) {
  const { kind, text } = nameOf(id)
  return (
    <span className="r">
      <bdi>{clean(`${kind} ${text}`)}</bdi>
      {field === undefined ? null : (
        <>
          {' '}
          <code>{clean(field)}</code>
        </>
      )}
    </span>
  )
}

/** `shop/rbac.yaml:21`. */
export function place({ file, line }: { readonly file?: string; readonly line?: number }): string {
  if (file === undefined) return ''
  return clean(line === undefined ? file : `${file}:${line}`)
}
