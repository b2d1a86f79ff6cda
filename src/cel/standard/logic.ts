import type { FunctionDecl } from '../library.ts'
import { BOOL, param } from '../type.ts'
import { fn, global, special } from './overload.ts'

const A = param('A')

/** What the planner evaluates itself: logic, the ternary, equality (cel-go interpreter/planner.go). */
export const LOGIC: readonly FunctionDecl[] = [
  fn('_?_:_', global('conditional', [BOOL, A, A], A, special)),
  fn('_&&_', global('logical_and', [BOOL, BOOL], BOOL, special)),
  fn('_||_', global('logical_or', [BOOL, BOOL], BOOL, special)),
  fn('!_', global('logical_not', [BOOL], BOOL, special)),
  fn('@not_strictly_false', global('not_strictly_false', [BOOL], BOOL, special)),
  fn('_==_', global('equals', [A, A], BOOL, special)),
  fn('_!=_', global('not_equals', [A, A], BOOL, special)),
]
