import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Refused, Unreachable, apiFor, type Schemas } from '@shared/api/client'
import { PersonDb } from '@/store/db'
import { household } from '@/visits/fixtures'
import { pull, take, type Synced } from './pull'

type Sections = Synced['sections']

const NAMES = [
  ...(['grids', 'items', 'frequent', 'risk_levels', 'colour_reasons', 'care_tags', 'buildings'] as const),
  ...(['households', 'tasks', 'field_checks', 'reports', 'contacts', 'knowledge'] as const),
]
const nothingNew = Object.fromEntries(NAMES.map((name) => [name, null])) as Sections

/** An answer in which only these sections have changed. */
function synced(sections: Partial<Sections>, more: Partial<Synced> = {}): Synced {
  return {
    token: 'second',
    at: '2026-11-26T08:00:00+08:00',
    me: { username: 'wuguiying', full_name: '吴桂英' } as Schemas['MeOut'],
    map: { tianditu_key: '' },
    limits: { photos: 9 } as Synced['limits'],
    ...more,
    sections: { ...nothingNew, ...sections },
  }
}

const kept = async (key: string) => (await db.kept.get(key))?.value
const homes = async () => (await db.households.toArray()).map(({ id, head }) => `${id} ${head}`)

/** A client whose server gives this answer; `asked` is what it was asked. */
function serving(status: number, body: unknown, type = 'application/json') {
  const asked: string[] = []
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  globalThis.fetch = (async (request: Request) => {
    asked.push(request.url)
    return new Response(text, { status, headers: { 'Content-Type': type } })
  }) as typeof fetch
  return { asked, api: apiFor('t', () => 'zh-hans', { server: 'https://server.example' }) }
}

let db: PersonDb
const ownFetch = globalThis.fetch

beforeEach(async () => {
  db = new PersonDb('pull-test')
  await take(
    db,
    synced(
      {
        households: { replace: true, rows: [household('a', 'red'), household('b', null)], gone: [] },
        frequent: { replace: true, rows: ['02-01-001'], gone: [] },
      },
      { token: 'first' },
    ),
  )
})
afterEach(async () => {
  globalThis.fetch = ownFetch
  await db.delete()
})

describe('what the server gives', () => {
  it('puts rows over those kept and forgets what is gone', async () => {
    const rows = [household('b', null, { head: '王*' }), household('c', null, { head: '赵*' })]
    await take(db, synced({ households: { replace: false, rows, gone: ['a'] } }))
    expect(await homes()).toEqual(['b 王*', 'c 赵*'])
  })

  it('takes the whole of a section in place of what was kept', async () => {
    await take(db, synced({ households: { replace: true, rows: [household('c', null)], gone: [] } }))
    expect(await homes()).toEqual(['c 李*'])
  })

  it('leaves a section alone that has not changed', async () => {
    await take(db, synced({}))
    expect(await homes()).toEqual(['a 李*', 'b 李*'])
    expect(await kept('frequent')).toEqual(['02-01-001'])
  })

  it('keeps the token, who one is, the limits and when the server last answered', async () => {
    const before = new Date().toISOString()
    await take(db, synced({}))
    expect(await kept('token')).toBe('second')
    expect(await kept('me')).toMatchObject({ full_name: '吴桂英' })
    expect(await kept('limits')).toMatchObject({ photos: 9 })
    expect(((await kept('contact')) as string) >= before).toBe(true)
  })

  it('never touches what the person has not sent', async () => {
    await db.drafts.put({ key: 'report', at: '2026-11-26T07:59:00+08:00', form: { text: '井盖' } })
    await take(db, synced({ households: { replace: true, rows: [], gone: [] } }))
    expect(await db.drafts.count()).toBe(1)
  })

  it('keeps one of each contact, however often the list comes', async () => {
    const contacts = { replace: true, rows: [{ name: '王强' }, { name: '李敏' }] as never, gone: [] }
    await take(db, synced({ contacts }))
    await take(db, synced({ contacts }))
    expect((await db.contacts.toArray()).map((one) => one.name)).toEqual(['王强', '李敏'])
  })
})

describe('a half answer', () => {
  const broken: [string, (whole: Record<string, any>) => void][] = [
    ['without its token', (whole) => delete whole.token],
    ['without its sections', (whole) => delete whole.sections],
    ['without one section', (whole) => delete whole.sections.knowledge],
    ['without the rows of one', (whole) => (whole.sections.knowledge = { replace: true, gone: [] })],
    ['without the gone of one', (whole) => (whole.sections.buildings = { replace: false, rows: [] })],
    ['without who one is', (whole) => delete whole.me],
    ['without the limits', (whole) => delete whole.limits],
    ['with a row that has no key', (whole) => (whole.sections.knowledge = { replace: true, rows: [{}], gone: [] })],
  ]
  it.each(broken)('%s changes nothing', async (_, spoil) => {
    const whole = synced({ households: { replace: true, rows: [], gone: [] } })
    spoil(whole)
    await expect(take(db, whole)).rejects.toThrow()
    expect(await homes()).toEqual(['a 李*', 'b 李*'])
    expect(await kept('token')).toBe('first')
  })
})

describe('asking', () => {
  it('gives back the token of the last answer', async () => {
    const { asked, api } = serving(200, synced({}))
    await pull(db, api)
    await pull(db, api)
    expect(asked.map((url) => new URL(url).searchParams.get('token'))).toEqual(['first', 'second'])
  })

  it.each([
    ['a page that wants a log-in to the Wi-Fi', 200, '<html>welcome</html>', 'text/html', Unreachable],
    ['an answer cut off', 200, '{"token": "second", "sections": {', 'application/json', Unreachable],
    ['a gateway', 502, '<h1>Bad Gateway</h1>', 'text/html', Unreachable],
    ['a refusal', 401, { code: 'not_authenticated', title: '请登录', status: 401 }, 'application/json', Refused],
  ] as const)('after %s all is as before', async (_, status, body, type, fault) => {
    const { api } = serving(status, body, type)
    const contact = await kept('contact')
    await expect(pull(db, api)).rejects.toThrow(fault)
    expect(await homes()).toEqual(['a 李*', 'b 李*'])
    expect(await kept('token')).toBe('first')
    expect(await kept('contact')).toBe(contact)
  })
})
