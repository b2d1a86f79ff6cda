import { createHash } from 'node:crypto'
import type { Plugin } from 'vite'

const POLICY = '<!--content-security-policy-->'

/**
 * Writes script and styles into the page, and a policy that runs and styles by these very bytes and loads nothing. The
 * report itself stands in an element that no browser runs, so it needs no word in the policy.
 */
export function oneFile(): Plugin {
  return {
    name: 'bulkhead:one-file',
    enforce: 'post',
    apply: 'build',
    generateBundle(_, bundle) {
      for (const page of Object.values(bundle)) {
        if (page.type !== 'asset' || !page.fileName.endsWith('.html')) continue
        const hashes = { script: [] as string[], style: [] as string[] }
        const take = (name: string | undefined): string => {
          const file = name === undefined ? undefined : bundle[name.replace(/^\.\//, '')]
          if (!name || !file) throw new Error(`the page names ${name}, which was not built`)
          delete bundle[file.fileName]
          return String(file.type === 'chunk' ? file.code : file.source).trim()
        }
        const html = String(page.source)
          .replace(/<script\b[^>]*\bsrc="([^"]+)"[^>]*><\/script>/g, (_all, src: string) => {
            // A script ends at the first `</script`, wherever it stands, and `<!--` would hide one.
            const code = take(src).replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')
            hashes.script.push(digest(code))
            return `<script type="module">${code}</script>`
          })
          .replace(/<link\b[^>]*\brel="stylesheet"[^>]*>/g, (link) => {
            const css = take(/\bhref="([^"]+)"/.exec(link)?.[1])
            hashes.style.push(digest(css))
            return `<style>${css}</style>`
          })
        if (!html.includes(POLICY)) throw new Error(`${page.fileName} has no place for its policy`)
        page.source = html.replace(POLICY, () => policy(hashes.script, hashes.style))
      }
      const left = Object.keys(bundle).filter((name) => !name.endsWith('.html'))
      if (left.length > 0) throw new Error(`the page is not one file: ${left.join(', ')} stand beside it`)
    },
  }
}

function digest(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

function policy(scripts: readonly string[], styles: readonly string[]): string {
  const rules = [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    `style-src ${styles.join(' ')}`,
    'font-src data:',
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ]
  return `<meta http-equiv="Content-Security-Policy" content="${rules.join('; ')}">`
}
