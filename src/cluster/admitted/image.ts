/**
 * Whether an image is taken for the tag `latest`, which decides the default of `imagePullPolicy`: no tag and no digest,
 * or that tag (kubernetes/pkg/util/parsers/parsers.go, distribution/reference). What is no reference has no tag.
 */
export function isLatest(image: string): boolean {
  if (image.length > MAX_LENGTH || IDENTIFIER.test(image)) return false
  const [domain, remainder] = split(image)
  const colon = remainder.indexOf(':')
  const remote = colon < 0 ? remainder : remainder.slice(0, colon)
  if (remote.toLowerCase() !== remote) return false
  const at = remainder.indexOf('@')
  const digest = at < 0 ? undefined : remainder.slice(at + 1)
  const named = at < 0 ? remainder : remainder.slice(0, at)
  const tagged = named.indexOf(':')
  const tag = tagged < 0 ? undefined : named.slice(tagged + 1)
  const name = tagged < 0 ? named : named.slice(0, tagged)
  if (!DOMAIN.test(domain) || !isName(name) || name.length > MAX_NAME) return false
  if (tag !== undefined && !TAG.test(tag)) return false
  if (digest !== undefined && !DIGEST.test(digest)) return false
  return tag === undefined ? digest === undefined : tag === 'latest'
}

/** A name of 255 characters, a tag of 128, a digest of 135 and a domain, which has no limit of its own. */
const MAX_LENGTH = 4_096
const MAX_NAME = 255
const IDENTIFIER = /^[a-f0-9]{64}$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/
const DOMAIN =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/
const COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/

const isName = (name: string): boolean => name.split('/').every((part) => COMPONENT.test(part))

/** The first part is a registry if it looks like a host; else the image is one of Docker Hub. */
function split(image: string): readonly [string, string] {
  const slash = image.indexOf('/')
  const first = slash < 0 ? '' : image.slice(0, slash)
  if (slash < 0) return ['docker.io', `library/${image}`]
  const isHost = first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first
  const domain = isHost && first !== 'index.docker.io' ? first : 'docker.io'
  const rest = isHost ? image.slice(slash + 1) : image
  return [domain, domain === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest]
}
