import { gives } from './evaluate.testing.ts'

const failure = (text: string, problem: string): string =>
  `error: IP Address "${text}" parse error during conversion from string: ParseAddr("${text}"): ${problem}`

gives('addresses are parsed strictly', [
  ["ip('192.0.2.1')", '<192.0.2.1>'],
  ["ip('2001:DB8:0:0:1:0:0:1')", '<2001:db8::1:0:0:1>'],
  ["ip('1:0:0:2:0:0:0:3')", '<1:0:0:2::3>'],
  ["ip('::1.2.3.4')", '<::102:304>'],
  ["ip('::')", '<::>'],
  ["ip('1.2.3.04')", failure('1.2.3.04', 'IPv4 field has octet with leading zero')],
  ["ip('1.2.3.256')", failure('1.2.3.256', 'IPv4 field has value >255')],
  ["ip('1.2.3')", failure('1.2.3', 'IPv4 address too short')],
  ["ip('1.2.3.4.5')", failure('1.2.3.4.5', 'IPv4 address too long')],
  ["ip('1..2.3')", failure('1..2.3', 'IPv4 field must have at least one digit (at ".2.3")')],
  ["ip('x')", failure('x', 'unable to parse IP')],
  ["ip('1::2::3')", failure('1::2::3', 'multiple :: in address (at ":3")')],
  ["ip('12345::')", failure('12345::', 'each group must have 4 or less digits (at "12345::")')],
  ["ip('1:2:3:4:5:6:7')", failure('1:2:3:4:5:6:7', 'address string too short')],
  ["ip('1:2:3:4:5:6:7::')", '<1:2:3:4:5:6:7:0>'],
  ["ip('1:2:3:4:5:6:7:8::')", failure('1:2:3:4:5:6:7:8::', 'the :: must expand to at least one field of zeros')],
  ["ip('::ffff:1.2.3.4')", 'error: IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed'],
  ["ip('fe80::1%eth0')", 'error: IP address "fe80::1%eth0" with zone value is not allowed'],
])

gives('what addresses are', [
  ["ip.isCanonical('2001:DB8::1')", false],
  ["ip.isCanonical('2001:db8::1')", true],
  ["['127.9.9.9', '::1', '10.0.0.1'].map(a, ip(a).isLoopback())", [true, true, false]],
  ["['169.254.1.1', 'febf::1', 'fec0::1'].map(a, ip(a).isLinkLocalUnicast())", [true, true, false]],
  ["['224.0.0.9', '224.0.1.9', 'ff12::1', 'ff01::1'].map(a, ip(a).isLinkLocalMulticast())", [true, false, true, false]],
  ["['255.255.255.255', '10.0.0.1', 'ff00::1', '::'].map(a, ip(a).isGlobalUnicast())", [false, true, false, false]],
  ["['0.0.0.0', '::', '0.0.0.1'].map(a, ip(a).isUnspecified())", [true, true, false]],
  ["ip('1.2.3.4').family() * 10 + ip('::').family()", 46],
  ["type(ip('::')) == net.IP && type(cidr('::/0')) == net.CIDR", true],
  ["string(ip('::1')) + string(cidr('10.1.2.3/8'))", '::110.1.2.3/8'],
])

const noPrefix = (text: string, problem: string): string => {
  const prefix = 'network address parse error during conversion from string: '
  return `error: ${prefix}${prefix}netip.ParsePrefix("${text}"): ${problem}`
}

gives('networks', [
  ["cidr('10.1.2.3/8').masked()", '<10.0.0.0/8>'],
  ["cidr('10.1.2.3/8') == cidr('10.0.0.0/8')", false],
  ["cidr('10.1.2.3/8').ip()", '<10.1.2.3>'],
  ["cidr('::/127').prefixLength()", 127],
  ["cidr('10.0.0.0/33')", noPrefix('10.0.0.0/33', 'prefix length out of range')],
  ["cidr('10.0.0.0/08')", noPrefix('10.0.0.0/08', 'bad bits after slash: "08"')],
  ["cidr('10.0.0.0')", noPrefix('10.0.0.0', "no '/'")],
  ["cidr('10.0.0.0/8').containsIP('10.255.0.1')", true],
  ["cidr('10.0.0.0/8').containsIP(ip('::a00:1'))", false],
  ["cidr('10.0.0.0/8').containsIP('x')", 'error: no such overload'],
  ["cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", true],
  ["cidr('10.0.0.0/8').containsCIDR('10.0.0.0/7')", false],
  ["cidr('10.0.0.0/8').containsCIDR('x')", noPrefix('x', "no '/'")],
])

gives(
  'up to 1.31 a network within another had to begin where that one does',
  [
    ["cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", false],
    ["cidr('10.0.0.0/8').containsCIDR('10.0.0.0/16')", true],
  ],
  { minor: 31 },
)
