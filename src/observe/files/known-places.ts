import type { Path } from '../../cluster/json.ts'
import { YamlPlaces } from '../../cluster/places.ts'
import { type Parsed, parseYaml } from '../../cluster/yaml.ts'

/** 16 MiB: some 40 MiB of manifests. */
const MOST = 4 << 20

/**
 * The places of every YAML document of the input, noted when it is read. Reading it again costs more than reading it did,
 * but that is done where there are too many of them.
 */
export class KnownPlaces {
  readonly #places = new YamlPlaces(MOST)
  readonly #roots = new Map<string, number>()

  /** `start` and `source` as in the origin of what the document holds. */
  parse(text: string, source: number, start: number): Parsed {
    const parsed = parseYaml(text, this.#places)
    const root = this.#places.root()
    if (!parsed.problem && root !== undefined) this.#roots.set(`${source}/${start}`, root)
    return parsed
  }

  /** The offset in the text of the document, as deep as the path can be followed; undefined where it is not known. */
  finder(source: number, start: number): ((path: Path) => number) | undefined {
    const root = this.#roots.get(`${source}/${start}`)
    return root === undefined ? undefined : (path) => this.#places.offset(root, path)
  }
}
