import { gives } from './evaluate.testing.ts'

const parts = (url: string): string =>
  `[url('${url}').getScheme(), url('${url}').getHost(), url('${url}').getHostname(), url('${url}').getPort(), url('${url}').getEscapedPath()]`

gives('the parts of a URL', [
  [
    parts('HTTPS://user:pw@example.com:8443/a%20b/ä?x=1#f'),
    ['https', 'example.com:8443', 'example.com', '8443', '/a%20b/%C3%A4'],
  ],
  [parts('http://[::1]:80/'), ['http', '[::1]:80', '::1', '80', '/']],
  [parts('http://[fe80::1%25eth0]/'), ['http', '[fe80::1%eth0]', 'fe80::1%eth0', '', '/']],
  [parts('/only/path'), ['', '', '', '', '/only/path']],
  [parts('mailto:a@b'), ['mailto', '', '', '', '']],
  [parts('http://h:/%2f'), ['http', 'h:', 'h', '', '/%2f']],
  ["url('http://h/?b=2&a=1&b=3&c&d=%zz&e;f=1&g=x+y').getQuery()['b']", ['2', '3']],
  ["url('http://h/?d=%zz&e;f=1&g=x+y').getQuery().map(k, k + url('http://h/?g=x+y').getQuery()[k][0])", ['gx y']],
  ["url('http://h/a b') == url('http://h/a%20b')", true],
])

const failure = (url: string, problem: string): readonly [string, string] => [
  `url(${JSON.stringify(url)})`,
  `error: URL parse error during conversion from string: parse ${JSON.stringify(url)}: ${problem}`,
]

gives('what Go does not take for a URL', [
  failure('', 'empty url'),
  failure('a/b', 'invalid URI for request'),
  failure(':x', 'missing protocol scheme'),
  failure('http://a b/', 'invalid character " " in host name'),
  failure('http://h/%zz', 'invalid URL escape "%zz"'),
  failure('http://h%41/', 'invalid URL escape "%41"'),
  failure('http://h:x/', 'invalid port ":x" after host'),
  failure('http://h:1:2/', 'invalid port ":1:2" after host'),
  failure('http://[::1/', "missing ']' in host"),
  failure('http://[1.2.3.4]/', 'invalid IP-literal'),
  failure('http://u p@h/', 'net/url: invalid userinfo'),
  failure('http://h/?q#%zz', 'invalid URL escape "%zz"'),
  ["['/x', 'http://h', '*', 'a', ''].map(u, isURL(u))", [true, true, true, false, false]],
])
