import { gives } from './evaluate.testing.ts'

gives('what is found, cut and replaced counts in code points', [
  ["'a😀c'.charAt(1)", '😀'],
  ["'a😀c'.charAt(3)", ''],
  ["'a😀c'.charAt(4)", 'error: index out of range: 4'],
  ["'abc'.charAt(-1)", 'error: index out of range: -1'],
  ["'a😀c😀'.indexOf('😀', 2)", 3],
  ["'a😀c😀'.lastIndexOf('😀', 2)", 1],
  ["'a😀bc'.substring(1, 3)", '😀b'],
  ["'a😀bc'.substring(5)", 'error: index out of range: 5'],
  ["'abc'.substring(2, 1)", 'error: invalid substring range. start: 2, end: 1'],
  ["'é😀'.replace('', '-')", '-é-😀-'],
  ["'aaa'.replace('a', 'b', 2)", 'bba'],
  ["'aaa'.replace('a', 'b', 0)", 'aaa'],
  ["'é😀a'.split('', 2)", ['é', '😀a']],
  ["'a,b,c'.split(',', 0)", []],
  ["''.split(',')", ['']],
])

const SEARCH =
  "['abc'.indexOf('', 9), 'abc'.lastIndexOf('', 9), ''.indexOf('a'), ''.lastIndexOf('a')].map(i, string(i)).join(' ')"

gives('a search at the edges in 1.37', [[SEARCH, '3 3 -1 -1']], { minor: 37 })
gives('a search at the edges in 1.34', [[SEARCH, '9 9 -1 -1']], { minor: 34 })
gives('a search at the edges in 1.32', [["''.lastIndexOf('a')", 'error: index out of range: -1']], { minor: 32 })
gives(
  'a search at the edges in 1.31',
  [
    ["'abc'.indexOf('c', 3)", 'error: index out of range: 3'],
    ["'abc'.indexOf('', 9)", 9],
  ],
  { minor: 31 },
)

gives('letters, spaces and quotes are those of Go', [
  ["'ABÇ'.lowerAscii()", 'abÇ'],
  ["'abçß'.upperAscii()", 'ABçß'],
  ["'\\u0085\\u00a0 x\\u200b\\ufeff'.trim()", 'x\u200b\ufeff'],
  ['strings.quote("a\\a\\n\\"é\\\\")', '"a\\a\\n\\"é\\\\"'],
  ["['a', 'b'].join('--')", 'a--b'],
  ["[dyn('a'), dyn(1)].join()", 'error: join: invalid input: 1'],
  ["[dyn('a'), dyn(['b', 'c'])].join()", 'error: join: invalid input: [b, c]'],
])

gives('format writes as golang.org/x/text and fmt do', [
  ["'%s %s %s'.format([dyn('a'), dyn(true), dyn(null)])", 'a true null'],
  ["'%d %d'.format([-7, 7])", '-7 7'],
  ["'%x %X %o %b'.format([255, 255, 8, -5])", 'ff FF 10 -101'],
  ["'%x'.format(['é'])", 'c3a9'],
  ["'%.2f %.0f'.format([1234567.125, 2.5])", '1,234,567.12 2'],
  ["'%.300f'.format([1.0])", `1.${'0'.repeat(44)}`],
  ["'%.10000010f'.format([1.0])", '%!(NOVERB)'],
  ["'%e %.20e'.format([1234566.5, -1.0])", '1.234566×10⁰⁶       -1.000000×10⁰⁰'],
  ["'%f %f'.format(['NaN', '-Infinity'])", 'NaN -∞'],
  ["'%s'.format([{'b': 1.5, 'a': -2.0}])", '{"a":-2.000000, "b":1.500000}'],
  ["'%s'.format([[duration('1h'), duration('250ms')]])", '[duration("3600s"), duration("0.25s")]'],
  ["'%s'.format([[b'a\\n']])", '[b"a\\n"]'],
  ["'%d%%'.format([5])", '5%'],
])

gives('format tells what it cannot write', [
  [
    "'%d'.format([dyn('a')])",
    'error: error during formatting: decimal clause can only be used on integers, was given string',
  ],
  [
    "'%f'.format([dyn(1)])",
    'error: error during formatting: fixed-point clause can only be used on doubles, was given int',
  ],
  ["dyn('%s %s').format(['a'])", 'error: index 1 out of range'],
  ["dyn('%').format(['a'])", 'error: unexpected end of string'],
  ["dyn('%y').format(['a'])", 'error: could not parse formatting clause: unrecognized formatting clause "y"'],
  [
    "dyn('%.').format(['a'])",
    'error: could not parse formatting clause: error while parsing precision: could not find end of precision specifier',
  ],
  [
    "'%s'.format([dyn([quantity('1')])])",
    'error: error during formatting: no formatting function for kubernetes.Quantity',
  ],
])

gives(
  'format puts narrow spaces into powers of ten up to 1.32',
  [["'%e'.format([1.0])", '1.000000\u202f×\u202f10⁰⁰']],
  { minor: 32 },
)
gives('neither format nor quote is there in 1.28', [["'a'.charAt(0)", 'a']], { minor: 28 })
