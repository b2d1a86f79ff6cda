import { gives } from './evaluate.testing.ts'

gives('versions', [
  ["semver('1.2.3-rc.1+b.2')", '<1.2.3-rc.1+b.2>'],
  ["[semver('1.2.3').major(), semver('1.2.3').minor(), semver('1.2.3').patch()]", [1, 2, 3]],
  ["semver('18446744073709551615.0.0').major()", -1],
  ["semver('1.2.3+a') == semver('1.2.3+b')", true],
  ["semver('1.2.3-1.10').isGreaterThan(semver('1.2.3-1.2'))", true],
  ["semver('1.2.3-a.1').compareTo(semver('1.2.3-a.b'))", -1],
  ["semver('1.2.3-a.b.c').compareTo(semver('1.2.3-a.b'))", 1],
  ["semver('1.2.3-a').isLessThan(semver('1.2.3'))", true],
])

gives('what is none', [
  ["semver('')", 'error: Version string empty'],
  ["semver('1.2')", 'error: No Major.Minor.Patch elements found'],
  ["semver('v1.2.3')", 'error: Invalid character(s) found in major number "v1"'],
  ["semver('1.02.3')", 'error: Minor number must not contain leading zeroes "02"'],
  ["semver('1..3')", 'error: strconv.ParseUint: parsing "": invalid syntax'],
  [
    "semver('99999999999999999999.0.0')",
    'error: strconv.ParseUint: parsing "99999999999999999999": value out of range',
  ],
  ["semver('1.2.3-')", 'error: Prerelease is empty'],
  ["semver('1.2.3-01')", 'error: Numeric PreRelease version must not contain leading zeroes "01"'],
  ["semver('1.2.3-a_b')", 'error: Invalid character(s) found in prerelease "a_b"'],
  ["semver('1.2.3+')", 'error: Build meta data is empty'],
])

gives('normalization', [
  ["semver('v1', true)", '<1.0.0>'],
  ["semver('v01.02.03', true)", '<1.2.3>'],
  ["semver('00.1-a', true)", 'error: short version cannot contain PreRelease/Build meta data'],
  ["isSemver('1.2.3.4', true)", false],
  ["isSemver('v1')", false],
])
