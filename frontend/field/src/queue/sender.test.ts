import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PersonDb } from '@/store/db'
import { aPicture, handedIn } from './fixtures'
import { append, tell } from './record'
import { restOf } from './rest'
import { sentLately } from './sent'
import { World, type App } from './world'

const NAME = 'li'
const db = new PersonDb(NAME)
let world: World
let app: App

beforeEach(async () => {
  await db.delete()
  await db.open()
  world = new World(NAME)
  app = world.start()
})
afterEach(() => app.db.close())

async function queue(...all: Parameters<typeof handedIn>[0][]): Promise<void> {
  for (const given of all) {
    await db.pictures.bulkPut((given!.pictures ?? []).map(aPicture))
    await append(db, handedIn(given), new Date(world.clock))
  }
}
const many = (count: number) => Array.from({ length: count }, (_, n) => ({ id: `e${n}` }))
const left = async () => (await db.queue.orderBy('seq').primaryKeys()) as string[]
const run = () => app.sender.run()

describe('the order', () => {
  it('is that of the queue, each with its pictures before the next', async () => {
    await queue({ id: 'a', pictures: ['p', 'q'] }, { id: 'b' }, { id: 'c', pictures: ['p'] })
    expect(await run()).toBeNull()
    expect(world.server.arrivals).toEqual([
      ...['reports/a', 'reports/a/photos/p', 'reports/a/photos/q'],
      ...['reports/b', 'reports/c', 'reports/c/photos/p'],
    ])
    expect(await left()).toEqual([])
    expect(await db.pictures.count()).toBe(0)
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'stays so after %d requests in vain, but for one sent to try the link',
    async (n) => {
      await queue(...many(5))
      world.faults = Array(n).fill('lost')
      await world.live()
      const sent = world.server.arrivals.map((path) => path.replace('reports/', ''))
      const sortedWithout = (one: string) => {
        const others = sent.filter((id) => id !== one)
        return others.join() === [...others].sort().join()
      }
      expect(sent).toHaveLength(5)
      expect(sent.some(sortedWithout), sent.join()).toBe(true)
    },
  )
})

describe('a link that is down', () => {
  it('is asked once per pause, however much waits', async () => {
    await queue(...many(200))
    world.fault = () => 'lost'
    const at = await run()
    expect(world.requests).toHaveLength(1)
    expect(await run()).toBe(at)
    expect(world.requests).toHaveLength(1)
    world.clock = Date.parse(at!)
    await run()
    expect(world.requests).toHaveLength(2)
  })

  it('is waited for in every tab, until somebody asks for it now', async () => {
    await queue({ id: 'a' })
    world.faults = ['gateway']
    const at = await run()
    expect(await restOf(db)).toEqual({ until: at, code: 'gateway' })
    const other = world.start()
    expect(await other.sender.run()).toBe(at)
    other.db.close()
    await db.kept.delete('rest')
    await tell(db, 'a', { kind: 'retried' }, new Date(world.clock))
    await run()
    expect(await left()).toEqual([])
  })

  it.each(['lost', 'no answer', 'gateway', 'portal', 'portal in JSON', 'redirect', 'busy'] as const)(
    'says why: %s',
    async (fault) => {
      await queue({ id: 'a' })
      world.faults = [fault]
      await run()
      const { failure, state } = (await db.queue.get('a'))!
      expect([state, failure!.title]).toEqual(['waiting', expect.stringMatching(/^[^.]+$/)])
    },
  )

  it('that breaks every few requests carries 200 reports, each once', async () => {
    await queue(...many(200).map((one) => ({ ...one, pictures: ['p'] })))
    let n = 0
    world.fault = () => (['none', 'none', 'answer lost', 'none', 'lost'] as const)[n++ % 5]!
    await world.live()
    expect(await left()).toEqual([])
    expect(world.server.stands.size).toBe(400)
    expect([...world.server.stands.keys()].filter((path) => !path.includes('photos'))).toEqual(
      many(200).map(({ id }) => `reports/${id}`),
    )
    expect(await sentLately(db)).toHaveLength(20)
  }, 60_000)
})

describe('an entry that cannot get through by itself', () => {
  it('lets others pass after some attempts, though it looks like the link', async () => {
    await queue({ id: 'big', pictures: ['p'] }, { id: 'huge', pictures: ['p'] }, ...many(5))
    world.fault = (path) => (path.endsWith('/p') ? 'no answer' : 'none')
    for (let n = 0; n < 8; n++) world.clock = Date.parse((await run())!)
    expect(await left()).toEqual(['big', 'huge'])
    expect(world.requests.filter((path) => path === 'reports/big')).toHaveLength(1)
    await queue({ id: 'later' })
    for (let n = 0; n < 2; n++) world.clock = Date.parse((await run())!)
    expect(await left()).toEqual(['big', 'huge'])
    world.fault = () => 'none'
    await world.live()
    expect(await left()).toEqual([])
  })

  it('keeps the order of texts over a link that fails several times', async () => {
    await queue({ id: 'a' }, { id: 'b' })
    world.fault = () => 'no answer'
    for (let n = 0; n < 5; n++) world.clock = Date.parse((await run())!)
    expect(new Set(world.requests)).toEqual(new Set(['reports/a']))
    world.fault = () => 'none'
    await world.live()
    expect([...world.server.stands.keys()]).toEqual(['reports/a', 'reports/b'])
  })

  it('waits alone where the server itself failed', async () => {
    await queue({ id: 'a', chain: 'x' }, { id: 'b', chain: 'x' }, { id: 'c' })
    world.fault = (path) => (path === 'reports/a' ? 'internal' : 'none')
    expect(await run()).not.toBeNull()
    expect(await left()).toEqual(['a', 'b'])
    expect(world.requests).toEqual(['reports/a', 'reports/c'])
  })

  it('that was refused holds its chain only', async () => {
    await queue({ id: 'a', chain: 'x' }, { id: 'b', chain: 'x' }, { id: 'c' })
    world.server.refuses.add('reports/a')
    expect(await run()).toBeNull()
    expect(await left()).toEqual(['a', 'b'])
    expect(await db.queue.get('a')).toMatchObject({ state: 'refused', failure: { code: 'refused_here' } })
  })
})

describe('a picture', () => {
  it('the server does not take stops neither the text nor the other pictures', async () => {
    await queue({ id: 'a', pictures: ['p', 'q', 'r'] })
    world.server.refuses.add('reports/a/photos/q')
    await run()
    expect([...world.server.stands.keys()]).toEqual(['reports/a', 'reports/a/photos/p', 'reports/a/photos/r'])
    expect(await db.queue.get('a')).toMatchObject({ state: 'refused', failure: { picture: 'q' } })
    await tell(db, 'a', { kind: 'withoutPicture', sha256: 'q' })
    expect(await left()).toEqual([])
    expect(await db.pictures.count()).toBe(0)
    expect(await sentLately(db)).toMatchObject([{ id: 'a' }])
  })

  it('whose bytes are gone is said so', async () => {
    await queue({ id: 'a', pictures: ['p'] })
    await db.pictures.clear()
    await run()
    expect(await db.queue.get('a')).toMatchObject({
      state: 'refused',
      bodySent: true,
      failure: { code: 'picture_gone', picture: 'p' },
    })
  })

  it('that a draft shows stays', async () => {
    await queue({ id: 'a', pictures: ['p0', 'q0'] })
    await db.drafts.put({ key: 'report', at: '', form: { pictures: [{ sha256: 'q0' }] } })
    await run()
    expect(await db.pictures.toCollection().primaryKeys()).toEqual(['q0'])
  })
})

describe('a token that has ended', () => {
  it('stops the queue, costs nothing, and a log-in goes on where it stood', async () => {
    await queue({ id: 'a', pictures: ['p'] }, { id: 'b' })
    world.faults = ['none', 'signed out']
    expect(await run()).toBeNull()
    expect(world.token).toBeNull()
    expect(await left()).toEqual(['a', 'b'])
    expect(await run()).toBeNull()
    expect(world.requests).toHaveLength(2)
    world.token = world.server.token
    await run()
    expect(await left()).toEqual([])
    expect(world.server.arrivals).toEqual(['reports/a', 'reports/a/photos/p', 'reports/b'])
  })
})

describe('a full phone', () => {
  it('still sends, and what has arrived leaves', async () => {
    await queue({ id: 'a', pictures: ['p'] }, { id: 'b' }, { id: 'c' })
    world.writeFault = () => 'full'
    const failing = ['none', 'answer lost', 'none', 'internal', 'none'] as const
    world.faults = [...failing]
    let n = 0
    await world.live(async () => expect(++n).toBeLessThan(10))
    expect(await left()).toEqual([])
    expect(await db.pictures.count()).toBe(0)
    // The text is not sent again within one run of the app.
    expect(world.requests.filter((path) => path === 'reports/a')).toHaveLength(1)
  })

  it('remembers the pauses, so that nothing is asked for without end', async () => {
    await queue({ id: 'a' })
    world.writeFault = () => 'full'
    world.fault = () => 'internal'
    expect(await run()).not.toBeNull()
    expect(await run()).not.toBeNull()
    expect(world.requests).toHaveLength(1)
  })
})

describe('a person', () => {
  it('who throws an entry away while it is being sent is not asked again about it', async () => {
    await queue({ id: 'a', pictures: ['p'] })
    world.fault = (path) => {
      if (path === 'reports/a') void db.queue.delete('a')
      return 'none'
    }
    expect(await run()).toBeNull()
    expect(await left()).toEqual([])
  })
})

it('each answer of the server is remembered as contact, and no other', async () => {
  await queue({ id: 'a' })
  world.faults = ['portal']
  world.clock = Date.parse((await run())!)
  expect(await db.kept.get('contact')).toBeUndefined()
  await run()
  expect((await db.kept.get('contact'))!.value).toBe(new Date(world.clock).toISOString())
})
