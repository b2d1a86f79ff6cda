import { CelError } from '../error.ts'
import type { Library } from '../library.ts'
import { BOOL, DOUBLE, INT, STRING } from '../type.ts'
import { Double, int, type Value } from '../value.ts'
import { scan } from './cost.ts'
import { define, global, member, NOMINAL } from './define.ts'
import { parseQuantity, quantityOf } from './quantity-text.ts'
import {
  addQuantities,
  asFloat,
  asInt64,
  compareQuantities,
  QUANTITY_TYPE as OF,
  Quantity,
  signOf,
} from './quantity-value.ts'

const compare = (a: Value, b: Value): -1 | 0 | 1 => compareQuantities(a as Quantity, b as Quantity)

const ofInt = (value: Value): Quantity => new Quantity(BigInt(value as number | bigint), 0, true, 'DecimalExponent')

function asInteger(quantity: Value): Value {
  const value = asInt64(quantity as Quantity)
  if (value === undefined) throw new CelError('cannot convert value to integer')
  return int(value) as Value
}

const arithmetic = (name: 'add' | 'sub', sign: 1 | -1) =>
  define(name, NOMINAL, [
    member(`quantity_${name}`, [OF, OF], OF, (a, b) => addQuantities(a as Quantity, b as Quantity, sign)),
    member(`quantity_${name}_int`, [OF, INT], OF, (a, b) => addQuantities(a as Quantity, ofInt(b as Value), sign)),
  ])

/**
 * k8s.io/apiserver pkg/cel/library/quantity.go. `sign` is no member there: `sign(q)`. Up to 1.36 add and sub of a quantity
 * that 64 bits do not hold changed their operand as well, which is not imitated.
 */
export const QUANTITY: readonly Library[] = [
  {
    name: 'kubernetes.quantity',
    since: 28,
    functions: [
      define('quantity', scan, [global('string_to_quantity', [STRING], OF, (text) => quantityOf(text as string))]),
      define('isQuantity', scan, [
        global('is_quantity_string', [STRING], BOOL, (text) => typeof parseQuantity(text as string) !== 'string'),
      ]),
      define('sign', NOMINAL, [global('quantity_sign', [OF], INT, (q) => signOf((q as Quantity).unscaled))]),
      define('isGreaterThan', NOMINAL, [
        member('quantity_is_greater_than', [OF, OF], BOOL, (a, b) => compare(a as Value, b as Value) > 0),
      ]),
      define('isLessThan', NOMINAL, [
        member('quantity_is_less_than', [OF, OF], BOOL, (a, b) => compare(a as Value, b as Value) < 0),
      ]),
      define('compareTo', NOMINAL, [
        member('quantity_compare_to', [OF, OF], INT, (a, b) => compare(a as Value, b as Value)),
      ]),
      define('asApproximateFloat', NOMINAL, [
        member('quantity_get_float', [OF], DOUBLE, (q) => new Double(asFloat(q as Quantity))),
      ]),
      define('asInteger', NOMINAL, [member('quantity_get_int', [OF], INT, (q) => asInteger(q as Value))]),
      define('isInteger', NOMINAL, [
        member('quantity_is_integer', [OF], BOOL, (q) => asInt64(q as Quantity) !== undefined),
      ]),
      arithmetic('add', 1),
      arithmetic('sub', -1),
    ],
  },
]
