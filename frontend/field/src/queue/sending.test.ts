import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { device, PersonDb, type Household } from '@/store/db'
import { person, signIn, signOut } from '@/store/session'
import { discard, enqueue, mend, retry, unsent } from '.'
import { aPicture, handedIn } from './fixtures'
import { tell } from './record'
import { sendFor } from './sending'
import { Server, type Fault } from './world'

const server = { now: new Server() }
const requests: string[] = []
const stops: (() => void)[] = []
let fault: Fault = 'none'

/** As browsers have them: whoever asks waits for all who asked before. */
function locks(): Pick<LockManager, 'request'> {
  let last: Promise<unknown> = Promise.resolve()
  const request = (_name: string, { signal }: LockOptions, work: () => Promise<unknown>) => {
    const mine = last.then(() => (signal?.aborted ? Promise.reject(signal.reason) : work()))
    last = mine.catch(() => {})
    return mine
  }
  return { request: request as never }
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
  vi.setSystemTime('2026-11-26T06:00:00Z')
  server.now = new Server()
  requests.length = 0
  fault = 'none'
  vi.stubGlobal('fetch', async (address: string, asked: RequestInit) => {
    const path = address.replace('/api/v1/', '')
    requests.push(path)
    if (fault === 'lost') throw new TypeError('failed to fetch')
    if (fault === 'no answer')
      return new Promise((_resolve, reject) =>
        asked.signal!.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))),
      )
    const { Authorization } = asked.headers as Record<string, string>
    return server.now.take(path, asked.body!, Authorization!.slice(6))
  })
  await signIn('wu', '吴桂英', 'token-1')
})

afterEach(async () => {
  for (const stop of stops.splice(0)) stop()
  await pass(0)
  vi.useRealTimers()
  vi.unstubAllGlobals()
  Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true })
  await person.value?.db.queue.clear()
  await person.value?.db.drafts.clear()
  await signOut()
  await new PersonDb('wu').delete()
  await device.settings.clear()
})

/** What the phone's database has to do by now; it takes no time of this clock. */
async function settle(): Promise<void> {
  for (let n = 0; n < 60; n++) {
    await new Promise((resolve) => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(0)
  }
}

/** Lets so much time pass, and everything that follows from it happen. */
async function pass(seconds: number): Promise<void> {
  await settle()
  for (let left = seconds; left > 0; left -= 5) {
    await vi.advanceTimersByTimeAsync(Math.min(left, 5) * 1000)
    await settle()
  }
}
const here = () => stops.push(sendFor(person.value!))
const left = () => person.value!.db.queue.count()
const withLocks = () => Object.defineProperty(navigator, 'locks', { value: locks(), configurable: true })

describe('while the app is open', () => {
  beforeEach(withLocks)

  it('what is put into the queue is sent at once', async () => {
    here()
    await pass(0)
    await person.value!.db.pictures.put(aPicture('p0'))
    await enqueue(handedIn({ id: 'a', pictures: ['p0'] }))
    await pass(1)
    expect(await left()).toBe(0)
    expect(server.now.arrivals).toEqual(['reports/a', 'reports/a/photos/p0'])
  })

  it('a time without signal is outwaited by itself', async () => {
    fault = 'lost'
    here()
    await enqueue(handedIn({ id: 'a' }))
    await pass(400)
    const tried = requests.length
    expect(tried).toBeGreaterThan(5)
    expect(tried).toBeLessThan(25)
    fault = 'none'
    await pass(301)
    expect(await left()).toBe(0)
  })

  it.each(['online', 'visibilitychange', 'by hand', 'another report'])('it is ended early: %s', async (by) => {
    fault = 'lost'
    here()
    await enqueue(handedIn({ id: 'a' }))
    await pass(2_000)
    fault = 'none'
    const before = Date.now()
    if (by === 'by hand') await retry()
    else if (by === 'another report') await enqueue(handedIn({ id: 'b' }))
    else if (by === 'online') dispatchEvent(new Event('online'))
    else document.dispatchEvent(new Event('visibilitychange'))
    await pass(0)
    expect(Date.now() - before).toBeLessThan(100)
    expect(await left()).toBe(0)
    expect(server.now.arrivals[0]).toBe('reports/a')
  })

  it('an answer that does not come is given up: after 30 seconds for a text, 120 for a picture', async () => {
    await person.value!.db.pictures.put(aPicture('p0'))
    fault = 'no answer'
    here()
    await enqueue(handedIn({ id: 'a', pictures: ['p0'] }))
    await pass(29)
    expect((await person.value!.db.queue.get('a'))!.state).toBe('sending')
    await pass(1)
    expect(await person.value!.db.queue.get('a')).toMatchObject({ state: 'waiting', failure: { code: 'no_answer' } })
    await person.value!.db.queue.update('a', { bodySent: true })
    await pass(3)
    await pass(110)
    expect((await person.value!.db.queue.get('a'))!.state).toBe('sending')
    await pass(10)
    expect((await person.value!.db.queue.get('a'))!.state).toBe('waiting')
  })

  it('a token that has ended stops it until the same person logs in', async () => {
    server.now.token = 'token-2'
    here()
    await enqueue(handedIn({ id: 'a' }))
    await pass(1)
    expect(person.value!.session.token).toBeNull()
    await pass(1_000)
    expect(requests).toHaveLength(1)
    await signIn('wu', '吴桂英', 'token-2')
    await pass(1)
    expect(await left()).toBe(0)
  })

  it('a start sends what an earlier one had begun, without waiting', async () => {
    await enqueue(handedIn({ id: 'a' }))
    await enqueue(handedIn({ id: 'b' }))
    await person.value!.db.queue.update('a', { state: 'sending', attempts: 9 })
    await person.value!.db.queue.update('b', { attempts: 9, nextAt: '2026-11-26T06:05:00Z' })
    here()
    await pass(1)
    expect(server.now.arrivals).toEqual(['reports/a', 'reports/b'])
  })

  it('nothing is sent for somebody who has left', async () => {
    here()
    await pass(0)
    const { db } = person.value!
    await signIn('li', '李敏', 'token-of-li')
    const own = new PersonDb('wu')
    await own.queue.add({ ...handedIn({ id: 'a' }), seq: 1 } as never)
    await pass(1_000)
    expect(requests).toEqual([])
    expect(db.isOpen()).toBe(false)
    own.close()
    await signIn('wu', '吴桂英', 'token-1')
  })
})

describe.each([
  ['locks', withLocks],
  ['a lease', () => {}],
])('two tabs, held apart by %s', (_by, prepare) => {
  beforeEach(prepare)

  it('send each entry once', async () => {
    for (let n = 0; n < 5; n++) await enqueue(handedIn({ id: `e${n}` }))
    here()
    here()
    await pass(1)
    for (let n = 5; n < 10; n++) await enqueue(handedIn({ id: `e${n}` }))
    await pass(1)
    expect(requests).toEqual(Array.from({ length: 10 }, (_, n) => `reports/e${n}`))
    expect(await left()).toBe(0)
  })

  it('take over from each other when one is closed', async () => {
    here()
    here()
    await pass(1)
    stops.shift()!()
    await pass(6)
    await enqueue(handedIn({ id: 'a' }))
    await pass(1)
    expect(requests).toEqual(['reports/a'])
  })
})

it('a lease that was not given back ends by itself', async () => {
  await device.settings.put({ key: 'right:gridwhistle:wu', value: { holder: 'killed', until: Date.now() + 20_000 } })
  here()
  await enqueue(handedIn({ id: 'a' }))
  await pass(15)
  expect(requests).toEqual([])
  await pass(11)
  expect(requests).toEqual(['reports/a'])
})

describe('the queue as pages use it', () => {
  it('keeps the order, and knows what is unsent', async () => {
    await enqueue(handedIn({ id: 'b' }))
    await enqueue(handedIn({ id: 'a' }))
    expect(await person.value!.db.queue.orderBy('seq').primaryKeys()).toEqual(['b', 'a'])
    expect(await unsent()).toEqual({ entries: 2, drafts: 0 })
    await discard('b')
    expect(await unsent()).toEqual({ entries: 1, drafts: 0 })
  })

  it('says that the phone is full, and keeps nothing by halves', async () => {
    const { db } = person.value!
    const add = vi
      .spyOn(db.queue, 'add')
      .mockImplementation((() => Promise.reject(new DOMException('', 'QuotaExceededError'))) as never)
    await expect(enqueue(handedIn({ id: 'a' }))).rejects.toMatchObject({ name: 'StorageFull' })
    add.mockRestore()
    expect(await left()).toBe(0)
  })

  describe('gives a refused one back to its form', () => {
    const origin = { key: 'report', form: { id: 'a', pictures: [{ sha256: 'p0' }] }, page: '/report/new' }
    const failure = { code: 'item_ended', title: '', at: '' }

    it('as a draft under the same id, with its pictures', async () => {
      const { db } = person.value!
      await db.pictures.bulkPut([aPicture('p0')])
      await enqueue({ ...handedIn({ id: 'a', pictures: ['p0'] }), origin })
      expect(await mend('a')).toBe('gone')
      await tell(db, 'a', { kind: 'refused', failure })
      expect(await mend('a')).toEqual({ page: '/report/new' })
      expect(await left()).toBe(0)
      expect((await db.drafts.get('report'))!.form).toEqual(origin.form)
      expect(await db.pictures.count()).toBe(1)
      expect(await mend('a')).toBe('gone')
      await db.drafts.clear()
    })

    it('unless its household is gone, for then there is no form to find it in', async () => {
      const { db } = person.value!
      await enqueue({ ...handedIn({ id: 'a' }), origin: { ...origin, household: 'h1' } })
      await tell(db, 'a', { kind: 'refused', failure })
      expect(await mend('a')).toBe('formless')
      expect([await left(), await db.drafts.count()]).toEqual([1, 0])
      await db.households.put({ id: 'h1' } as Household)
      expect(await mend('a')).toEqual({ page: '/report/new' })
      expect([await left(), await db.drafts.count()]).toEqual([0, 1])
    })

    it('unless another draft stands there, or it has arrived but for a picture', async () => {
      const { db } = person.value!
      await enqueue({ ...handedIn({ id: 'a' }), origin })
      await tell(db, 'a', { kind: 'refused', failure })
      await db.drafts.put({ key: 'report', at: '', form: { id: 'other' } })
      expect(await mend('a')).toBe('occupied')
      expect((await db.drafts.get('report'))!.form).toEqual({ id: 'other' })
      await db.drafts.clear()
      await db.queue.update('a', { bodySent: true })
      expect(await mend('a')).toBe('gone')
      expect(await left()).toBe(1)
    })
  })

  it('throws away the pictures nothing else shows', async () => {
    await person.value!.db.pictures.bulkPut(['p0', 'q0'].map(aPicture))
    await enqueue(handedIn({ id: 'a', pictures: ['p0', 'q0'] }))
    await enqueue(handedIn({ id: 'b', pictures: ['q0'] }))
    await discard('a')
    expect(await person.value!.db.pictures.toCollection().primaryKeys()).toEqual(['q0'])
  })
})
