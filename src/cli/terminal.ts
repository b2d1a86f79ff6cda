import { styleText } from 'node:util'
import type { Terminal } from '../report/style.ts'
import { clean } from '../report/text.ts'

const PLAIN_WIDTH = 120

/** Colour only on a terminal that wants it (NO_COLOR, FORCE_COLOR, TERM=dumb); the width of the screen where there is one. */
export function terminal(stream: NodeJS.WriteStream, isFile: boolean): Terminal {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0'
  const colour =
    !isFile && (NO_COLOR === undefined || NO_COLOR === '') && (forced || (stream.isTTY === true && TERM !== 'dumb'))
  const style = (format: 'bold' | 'dim' | 'red') => (text: string) =>
    colour ? styleText(format, clean(text), { validateStream: false }) : clean(text)
  return {
    width: !isFile && stream.isTTY ? Math.max(40, stream.columns || 80) : PLAIN_WIDTH,
    bold: style('bold'),
    dim: style('dim'),
    red: style('red'),
  }
}
