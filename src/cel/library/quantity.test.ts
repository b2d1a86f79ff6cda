import { gives } from './evaluate.testing.ts'

gives('what is a quantity', [
  ...['1', '1.5Gi', '100m', '-1k', '+5', '1e3', '1E3', '12E', '.5', '5.', 'Ki', '+'].map(
    (text) => [`isQuantity('${text}')`, true] as const,
  ),
  ...['', 'x', '1ki', '1K', '1.2.3', '1 ', '1e', '1e1.5', 'e-20', '1iK'].map(
    (text) => [`isQuantity('${text}')`, false] as const,
  ),
])

gives('why a text is none', [
  [
    "quantity('1.2.3')",
    "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  ["quantity('1ki')", "error: unable to parse quantity's suffix"],
  ["quantity('e-20')", 'error: unable to parse numeric part of quantity'],
])

gives('the canonical form', [
  ["quantity('1.5Gi')", '<1536Mi>'],
  ["quantity('1000m')", '<1>'],
  ["quantity('0.1')", '<100m>'],
  ["quantity('1500')", '<1500>'],
  ["quantity('2000')", '<2k>'],
  ["quantity('0.5Ki')", '<512>'],
  ["quantity('12e6')", '<12e6>'],
  ["quantity('0.0000000001')", '<1n>'],
  ["quantity('9999999999Ei')", '<9223372036854775807>'],
  ["quantity('123456789012345678901234567890')", '<123456789012345678901234567890>'],
])

gives('exact order and arithmetic beyond 64 bits', [
  ["quantity('1Gi').compareTo(quantity('1073741824'))", 0],
  ["quantity('50M').isLessThan(quantity('50Mi'))", true],
  ["quantity('100000000000000000000000000001').isGreaterThan(quantity('100000000000000000000000000000'))", true],
  ["quantity('9223372036854775807').add(1)", '<9223372036854775808>'],
  ["quantity('50k').add('20k' == '' ? 1 : 20).sub(quantity('100k')).sub(-50000) == quantity('20')", true],
  ["quantity('0').add(quantity('1Mi'))", '<1Mi>'],
  ["sign(quantity('-1m'))", -1],
])

gives('integers and floats', [
  ["quantity('50k').asInteger()", 50000],
  ["quantity('1500m').asInteger()", 'error: cannot convert value to integer'],
  ["quantity('1500m').isInteger()", false],
  ["quantity('1000m').isInteger()", false],
  ["quantity('9999999999999999999999999999999999999G').isInteger()", false],
  ["quantity('100m').asApproximateFloat()", 0.1],
  ["quantity('50k').sub(20000).asApproximateFloat() == 30000.0", true],
])

gives('what an operation made is equal to nothing, as in Kubernetes', [
  ["quantity('1').add(quantity('1')) == quantity('2')", true],
  ["quantity('2') == quantity('1').add(quantity('1'))", 'error: no such overload'],
])
