// The one-file report in a real Chromium, opened from the disk. Run: npm run e2e:report
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { snapshot } from '../../bench/generate.ts'
import { writeList } from '../../bench/write.ts'
import { planOf, rewrite } from './plan.fixture.ts'

const CHROMIUM = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const shop = fileURLToPath(new URL('../../examples/shop', import.meta.url))
/** Where the screenshots go, for whoever wants to look: `BULKHEAD_SCREENSHOTS=DIR`. */
const pictures = process.env.BULKHEAD_SCREENSHOTS

let folder: string
let browser: Browser
before(async () => {
  const executablePath = CHROMIUM.find((path) => path !== undefined && existsSync(path))
  assert.ok(executablePath, 'no Chromium here: install it, or name it in CHROMIUM')
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-report-'))
  if (pictures) mkdirSync(pictures, { recursive: true })
  browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
})
after(async () => {
  await browser?.close()
  if (folder) rmSync(folder, { recursive: true })
})

/** The report of the input, on the disk. */
function reportOf(name: string, input: string): string {
  const file = join(folder, `${name}.html`)
  const ran = spawnSync(process.execPath, [main, 'scan', '-f', input, '-R', '-o', `html=${file}`], { encoding: 'utf8' })
  assert.equal(ran.status, 0, ran.stderr)
  return file
}

interface Opened {
  readonly page: Page
  /** What the page complained of, and every address it asked for beside its own. */
  readonly faults: string[]
}

async function open(file: string, width: number, colorScheme: 'light' | 'dark', hash = ''): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
  const faults: string[] = []
  page.on('console', (message) => faults.push(`console ${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  const url = `${pathToFileURL(file).href}${hash}`
  page.on('request', (request) => {
    if (request.url() !== url.split('#')[0] && !request.url().startsWith('data:'))
      faults.push(`request: ${request.url()}`)
  })
  await page.goto(url)
  await page.locator('.path li, .pst li').first().waitFor()
  return { page, faults }
}

const scrollWidth = (page: Page): Promise<number> => page.evaluate<number>('document.documentElement.scrollWidth')

describe('the report of the example', () => {
  let file: string
  before(() => {
    file = reportOf('shop', shop)
  })

  for (const width of [1280, 390]) {
    for (const scheme of ['light', 'dark'] as const) {
      test(`opens at ${width} px, ${scheme}: no error, no request, nothing wider than the page`, async () => {
        const { page, faults } = await open(file, width, scheme)
        assert.match(await page.locator('h1').innerText(), /If frontend is breached, the attacker controls \d+ of \d+/)
        for (const id of ['radius', 'applications', 'entries', 'overload', 'findings', 'unknown', 'assets', 'method']) {
          assert.ok(await page.locator(`#${id}`).isVisible(), id)
        }
        assert.equal(await scrollWidth(page), width)
        const ids = await page.evaluate<string[]>(`[...document.querySelectorAll('[id]')].map(({ id }) => id)`)
        assert.equal(new Set(ids).size, ids.length)
        if (pictures) await page.screenshot({ path: join(pictures, `shop-${width}-${scheme}.png`), fullPage: true })
        assert.deepEqual(faults, [])
        await page.close()
      })
    }
  }

  test('a path is told with its evidence, file and line', async () => {
    const { page } = await open(file, 1280, 'light')
    await page.getByRole('button', { name: 'Show evidence of every step' }).click()
    const path = await page.locator('.pst').innerText()
    assert.match(path, /spec\.template\.spec/)
    assert.match(path, /examples\/shop\/web\/shop\.yaml:\d+/)
    await page.close()
  })

  test('another entry is chosen by link, and the address follows what is chosen', async () => {
    const { page, faults } = await open(file, 1280, 'light', '#entry=Deployment/web/backoffice')
    assert.match(await page.locator('#radius h2').first().innerText(), /web\/backoffice breached/)
    await page.locator('#entries .opener').first().click()
    await page.locator('#entries .inside .link').first().click()
    await page.waitForFunction(`!location.hash.includes('backoffice')`)
    assert.match(page.url(), /#entry=/)
    await page.goBack()
    await page.locator('#radius h2', { hasText: 'web/backoffice breached' }).waitFor()
    assert.deepEqual(faults, [])
    await page.close()
  })

  test('the way back leads to the first entry, past the headings that were visited', async () => {
    const { page } = await open(file, 1280, 'light')
    const heading = (name: string) => page.locator('#radius h2', { hasText: `${name} breached` }).waitFor()
    await page.goto(`${page.url()}#findings`)
    await page.locator('#entries .opener').nth(3).click()
    await page.locator('#entries .inside .link').first().click()
    await heading('web/backoffice')
    await page.goBack()
    await heading('web/frontend')
    await page.goBack()
    await heading('web/frontend')
    await page.close()
  })

  test('the findings can be searched, and opened by the keyboard', async () => {
    const { page, faults } = await open(file, 1280, 'dark')
    await page.getByLabel('Find in findings').fill('privileged')
    const row = page.locator('#findings .opener').first()
    await row.focus()
    await page.keyboard.press('Enter')
    assert.equal(await row.getAttribute('aria-expanded'), 'true')
    assert.match(await page.locator('#findings .inside').first().innerText(), /securityContext\.privileged/)
    assert.deepEqual(faults, [])
    await page.close()
  })

  test('who can exhaust what is drawn, and opens by the keyboard to whom it hits, why, and what would cut it', async () => {
    for (const width of [1280, 380]) {
      const { page, faults } = await open(file, width, 'light')
      assert.match(await page.locator('#overload .told').innerText(), /^One .+ can exhaust .+ is at stake\.$/)
      const rows = page.locator('#overload .opener')
      const count = await rows.count()
      assert.ok(count > 3)
      assert.equal(await page.locator('#overload td.share .fill').count(), count)
      const unknown = await page.locator('#overload td .st', { hasText: 'unknown' }).count()
      assert.ok(unknown > 0 && unknown < count)
      assert.equal(await page.locator('#overload td.share .maybe').count(), unknown)
      const at = await rows.allInnerTexts().then((texts) => texts.findIndex((text) => text.includes('web/backoffice')))
      await rows.first().focus()
      for (let down = 0; down < at; down++) await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      const inside = page.locator('#overload .inside')
      const text = await inside.innerText()
      for (const part of ['Whom it hits', 'By way of', 'orders/orders', 'Why', 'What would cut it'])
        assert.ok(text.includes(part), part)
      assert.match(text, /examples\/shop\/web\/extras\.yaml:\d+/)
      assert.match((await inside.getByRole('img').getAttribute('aria-label')) ?? '', /^3 of 9 applications hit$/)
      assert.equal(await scrollWidth(page), width)
      if (pictures) await page.locator('#overload').screenshot({ path: join(pictures, `overload-${width}.png`) })
      await inside.getByRole('button', { name: 'web/frontend' }).click()
      await page.locator('#radius h2', { hasText: 'web/frontend breached' }).waitFor()
      assert.deepEqual(faults, [])
      await page.close()
    }
  })

  test('nothing is said of overload where nothing can be exhausted', async () => {
    const bare = join(folder, 'no-overload.html')
    rewrite(file, bare, (report) => ({ ...report, overload: { items: [], more: 0 } }))
    const { page, faults } = await open(bare, 1280, 'light')
    assert.equal(await page.locator('#overload, a[href="#overload"]').count(), 0)
    assert.ok((await page.locator('a[href="#findings"]').count()) > 0)
    assert.deepEqual(faults, [])
    await page.close()
  })

  test('names of an attacker in the overload are shown as text', async () => {
    const hostile = join(folder, 'overload-hostile.html')
    const evil = '</script><img src=x onerror=alert(1)>\u202egnp.exe'
    const many = { count: 3000, examples: [evil, `Deployment/${evil}/${'x'.repeat(300)}`] }
    rewrite(file, hostile, (report) => ({
      ...report,
      overload: {
        more: 1,
        items: report.overload.items.map((item) => ({
          ...item,
          sources: many,
          via: [evil],
          exhausts: { ...item.exhausts, title: evil },
          hits: { workloads: many, applications: many },
          because: [{ text: evil, resource: evil, field: evil, file: evil, line: 7 }],
          caps: [evil],
        })),
      },
    }))
    for (const width of [1280, 380]) {
      const { page, faults } = await open(hostile, width, 'dark')
      await page.locator('#overload .opener').first().click()
      assert.ok((await page.locator('#overload .inside').innerText()).includes('<img src=x onerror=alert(1)>'))
      assert.equal(await page.locator('img').count(), 0)
      assert.ok(!(await page.content()).includes('\u202e'))
      assert.equal(await scrollWidth(page), width)
      assert.deepEqual(faults, [])
      await page.close()
    }
  })

  test('every part of the drawing has a name, and is one stop of the Tab key', async () => {
    const { page } = await open(file, 1280, 'light')
    const parts = page.locator('svg.hull [data-room]')
    assert.ok((await parts.count()) > 10)
    assert.equal(await page.locator('svg.hull [data-room]:not([aria-label])').count(), 0)
    assert.equal(await page.locator('svg.hull [data-room][tabindex="0"]').count(), 1)
    await page.close()
  })

  test('prints in black on white, with its findings', async () => {
    const { page, faults } = await open(file, 1280, 'dark')
    await page.emulateMedia({ media: 'print' })
    const colour = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    assert.ok(await page.locator('#findings .print-only').isVisible())
    assert.match(colour, /rgba?\((255, 255, 255|0, 0, 0, 0)/)
    assert.deepEqual(faults, [])
    await page.close()
  })
})

describe('the plan', () => {
  let file: string
  before(() => {
    file = join(folder, 'plan.html')
    rewrite(reportOf('shop-without-plan', shop), file, (report) => ({ ...report, ...planOf(report) }))
  })

  for (const width of [1280, 390]) {
    for (const scheme of ['light', 'dark'] as const) {
      test(`every change opens at ${width} px, ${scheme}: before and after, diff, proof, blind spots, evidence`, async () => {
        const { page, faults } = await open(file, width, scheme)
        assert.match(
          await page.locator('#plan .told').innerText(),
          /^Five changes remove 92 %.+three of them break nothing/,
        )
        const rows = page.locator('#plan .ch')
        assert.equal(await rows.count(), 5)
        assert.equal(await page.locator('#plan svg.sec [role="button"]').count(), 5)
        for (let at = 0; at < 5; at++) {
          if ((await rows.nth(at).getAttribute('aria-expanded')) === 'false') await rows.nth(at).click()
          const shown = page.locator('#change')
          assert.equal(await shown.count(), 1)
          const text = await shown.innerText()
          for (const part of ['Before and after', 'Your files', 'Proof', 'Blind spots', 'Closed'])
            assert.ok(text.includes(part), part)
          assert.equal(await scrollWidth(page), width)
          if (at === 1 && pictures)
            await page.screenshot({ path: join(pictures, `plan-${width}-${scheme}.png`), fullPage: true })
        }
        await rows.nth(1).click()
        const second = await page.locator('#change').innerText()
        assert.match(second, /\d+ →\s\d+/)
        assert.match(second, /-- kind: ServiceAccount {2}# for the move in April/)
        assert.match(second, /Unproven\. CronJob platform\/rotate-keys did not run/)
        assert.match(second, /not-fired/)
        assert.match(second, /kube-apiserver-2\.log\.gz:88121/)
        assert.match(second, /ClusterRoleBinding backup-operator-admin/)
        assert.match(second, /20 of \d+ steps/)
        assert.deepEqual(faults, [])
        await page.close()
      })
    }
  }

  test('what breaks stands beside the plan, with the record that shows it', async () => {
    const { page, faults } = await open(file, 1280, 'light')
    assert.match(await page.locator('#plan .residual').innerText(), /8\.3 % of the risk is left/)
    await page.locator('#plan .rejected summary').first().click()
    const told = await page.locator('#plan .rejected').innerText()
    assert.match(told, /would remove 2\.6 %/)
    assert.match(told, /kube-apiserver-1\.log\.gz:311207/)
    assert.match(told, /"requestURI":"\/api\/v1\/nodes\/edge-1\/proxy/)
    assert.match(told, /cannot be made in place/)
    assert.deepEqual(faults, [])
    await page.close()
  })

  test('changes are opened by the keyboard, in the list and in the ship', async () => {
    const { page, faults } = await open(file, 1280, 'dark')
    await page.locator('#plan .ch').first().focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    assert.match(await page.locator('#change h3').innerText(), /backup-operator/)
    await page.locator('#plan svg.sec [tabindex="0"]').focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    assert.match(await page.locator('#change h3').innerText(), /without privileges/)
    assert.equal(await page.locator('#plan svg.sec [tabindex="0"]').count(), 1)
    assert.deepEqual(faults, [])
    await page.close()
  })

  test('the ship of the radius shows what a change cuts', async () => {
    const { page, faults } = await open(file, 1280, 'light')
    await page.locator('#plan .ch').nth(3).click()
    await page.getByRole('button', { name: 'Show on the ship what it cuts' }).click()
    await page.getByText(/Change 4 cuts the best way to \d+ of the \d+ assets/).waitFor()
    assert.ok((await page.locator('svg.hull .chosen .marked').count()) > 0)
    await page.getByRole('button', { name: 'Stop showing it' }).click()
    assert.equal(await page.locator('svg.hull .chosen .marked').count(), 0)
    assert.deepEqual(faults, [])
    await page.close()
  })

  test('prints every change with its diff and its verdict', async () => {
    const { page, faults } = await open(file, 1280, 'dark')
    await page.emulateMedia({ media: 'print' })
    const printed = await page.locator('#plan .printed').innerText()
    assert.equal(await page.locator('#change').isVisible(), false)
    assert.match(printed, /\+kind: NetworkPolicy/)
    assert.match(printed, /Holds\./)
    assert.deepEqual(faults, [])
    await page.close()
  })

  test('a plan of 40 changes with diffs of 5,000 lines and hostile names opens, shows a part and says how much is left', async () => {
    const hostile = join(folder, 'plan-hostile.html')
    const evil = '</script><img src=x onerror=alert(1)>\u202egnp.exe'
    rewrite(file, hostile, (report) => {
      const plan = report.plan ?? []
      const lines = Array.from(
        { length: 5000 },
        (_, at) => `${at % 2 === 0 ? '-' : '+'}${evil}${'x'.repeat(at === 9 ? 9000 : 9)}\n`,
      )
      const diff = `--- a/x\n+++ b/x\n@@ -1,2500 +1,2500 @@\n${lines.join('')}`
      return {
        ...report,
        plan: Array.from({ length: 40 }, (_, at) => ({
          ...(plan[1] as (typeof plan)[number]),
          rank: at + 1,
          id: `${evil}${at}`,
          title: evil,
          owner: evil,
          notes: [evil],
          patches: [{ file: evil, diff }],
          objects: [{ kind: evil, metadata: { namespace: evil, name: evil } }],
          cuts: [`${evil}|${evil}|${evil}`],
        })),
      }
    })
    for (const width of [1280, 390]) {
      const { page, faults } = await open(hostile, width, 'light')
      await page.locator('#plan .ch').nth(2).click()
      const text = await page.locator('#change').innerText()
      assert.ok(text.includes('<img src=x onerror=alert(1)>'))
      assert.match(text, /120 of 5,001 lines\. Show 200 more/)
      assert.match(text, /7,\d{3} characters more/)
      assert.equal(await page.locator('img').count(), 0)
      assert.ok(!(await page.content()).includes('\u202e'))
      assert.equal(await scrollWidth(page), width)
      assert.deepEqual(faults, [])
      await page.close()
    }
  })

  test('without a plan there is no section for it', async () => {
    const bare = join(folder, 'no-plan.html')
    rewrite(file, bare, ({ plan: _, rejected: __, residual: ___, ...report }) => report)
    const { page } = await open(bare, 1280, 'light')
    assert.equal(await page.locator('#plan, a[href="#plan"]').count(), 0)
    await page.close()
  })
})

test('names written by an attacker are shown as text', async () => {
  const input = join(folder, 'hostile.yaml')
  const name = `</script><img src=x onerror=alert(1)>`
  writeFileSync(
    input,
    [name, `javascript:alert(1)`, '{{constructor}}', '\\u202egnp.exe']
      .map(
        (each) =>
          `apiVersion: v1\nkind: Pod\nmetadata: {name: "${each}", namespace: "${name}", labels: {app: "${each}"}}\nspec: {hostPID: true, containers: [{name: "${each}", securityContext: {privileged: true}, env: [{name: URL, value: "https://x.test/${name}"}]}]}\n`,
      )
      .join('---\n'),
  )
  const { page, faults } = await open(reportOf('hostile', input), 1280, 'light')
  assert.equal(await page.locator('img').count(), 0)
  assert.ok((await page.locator('body').innerText()).includes('<img src=x onerror=alert(1)>'))
  assert.ok(!(await page.content()).includes('\u202e'))
  assert.deepEqual(faults, [])
  await page.close()
})

test('a snapshot of 25,000 pods stays under 2 MB and opens', async () => {
  const input = join(folder, 'pods.json')
  writeList(input, snapshot(25_000))
  const file = reportOf('pods', input)
  const { size } = statSync(file)
  assert.ok(size < 2e6, `${size} bytes`)
  for (const width of [1280, 390]) {
    const { page, faults } = await open(file, width, 'light')
    assert.equal(await scrollWidth(page), width)
    assert.deepEqual(faults, [])
    await page.close()
  }
})
