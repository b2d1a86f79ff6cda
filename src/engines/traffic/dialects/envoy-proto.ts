import { inside, type Part } from './fields.ts'

/** Either spelling of a field: protobuf’s JSON takes `max_tokens` and `maxTokens`. */
export function proto(part: Part, name: string): Part {
  const snake = inside(part, name)
  if (snake.value !== undefined) return snake
  return inside(
    part,
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  )
}
