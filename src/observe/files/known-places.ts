import type { Path } from '../../cluster/json.ts'
import { type YamlPlaces, yamlPlaces } from '../../cluster/places.ts'
import type { Scalars } from '../../cluster/scalars.ts'
import { type Parsed, parseYaml } from '../../cluster/yaml.ts'

/** 16 MiB: some 40 MiB of manifests. */
const MOST = 4 << 20

/**
 * The places of every YAML document of the input, noted when it is read. Reading it again costs more than reading it did,
 * but that is done where there are too many of them.
 */
export class KnownPlaces {
  readonly #scalars: Scalars
  readonly #places: YamlPlaces
  /** By source and start. */
  readonly #roots = new Map<number, Map<number, number>>()

  constructor(scalars: Scalars) {
    this.#scalars = scalars
    this.#places = yamlPlaces(MOST, scalars)
  }

  /** `start` and `source` as in the origin of what the document holds. */
  parse(text: string, source: number, start: number): Parsed {
    const parsed = parseYaml(text, this.#places, this.#scalars)
    const root = this.#places.root()
    if (!parsed.problem && root !== undefined) this.#rootsOf(source).set(start, root)
    return parsed
  }

  /** The offset in the text of the document, as deep as the path can be followed; undefined where it is not known. */
  finder(source: number, start: number): ((path: Path) => number) | undefined {
    const root = this.#roots.get(source)?.get(start)
    return root === undefined ? undefined : (path) => this.#places.offset(root, path)
  }

  #rootsOf(source: number): Map<number, number> {
    const known = this.#roots.get(source)
    if (known) return known
    const roots = new Map<number, number>()
    this.#roots.set(source, roots)
    return roots
  }
}
