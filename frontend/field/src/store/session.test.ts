import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import Dexie from 'dexie'
import { device, GIVEN, PersonDb } from './db'
import { knownPeople } from './people'
import { expire, person, resume, signIn, signOut } from './session'

const picture = { sha256: 'p', bytes: new ArrayBuffer(3), size: 3, takenAt: '2026-11-26T08:00:00Z', position: null }
const entry = { id: 'e', seq: 1, chain: 'report:e', state: 'waiting', kind: 'report', pictures: [] }

/** Work the person has not sent, and one row in each table the server gave. */
async function work(db: PersonDb): Promise<void> {
  await db.queue.put(entry as never)
  await db.pictures.put(picture)
  await db.drafts.put({ key: 'report', at: '2026-11-26T08:00:00Z', form: {} })
  for (const name of GIVEN) {
    const key = db.table(name).schema.primKey
    await db.table(name).put(key.auto ? {} : { [key.keyPath as string]: 'x' })
  }
}

const counts = async (db: PersonDb, names: readonly string[]) =>
  Promise.all(names.map((name) => db.table(name).count()))
const OWN = ['queue', 'pictures', 'drafts']

beforeEach(() => signIn('wu', '吴桂英', 'token-of-wu'))
afterEach(async () => {
  await signOut()
  for (const username of ['wu', 'li']) await new PersonDb(username).delete()
  await device.sessions.clear()
})

describe('a shared phone', () => {
  it("leaves the one's unsent work untouched when the other logs in", async () => {
    const first = person.value!.db
    await work(first)
    await signIn('li', '李敏', 'token-of-li')
    expect(person.value!.session.username).toBe('li')
    expect(await counts(person.value!.db, OWN)).toEqual([0, 0, 0])
    const back = new PersonDb('wu')
    expect(await counts(back, OWN)).toEqual([1, 1, 1])
    back.close()
  })

  it('goes on with whoever used it last', async () => {
    await signIn('li', '李敏', 'token-of-li')
    person.value = null
    await resume()
    expect(person.value!.session).toMatchObject({ username: 'li', token: 'token-of-li' })
  })

  it('says whose work is unsent, and forgets those who left nothing behind', async () => {
    await work(person.value!.db)
    await signIn('li', '李敏', 'token-of-li')
    await signOut()
    expect(await knownPeople()).toMatchObject([{ username: 'wu', name: '吴桂英', unsent: 1, drafts: 1 }])
  })
})

describe('a token the server no longer takes', () => {
  it('costs nothing but the right to send', async () => {
    await work(person.value!.db)
    await expire('wu', 'token-of-wu')
    expect(person.value!.session).toMatchObject({ username: 'wu', token: null })
    expect(await counts(person.value!.db, OWN)).toEqual([1, 1, 1])
    await signIn('wu', '吴桂英', 'new')
    expect(await counts(person.value!.db, OWN)).toEqual([1, 1, 1])
    expect(person.value!.session.token).toBe('new')
  })

  it('says nothing of another who has come since', async () => {
    await signIn('li', '李敏', 'token-of-li')
    await expire('wu', 'token-of-wu')
    expect(person.value!.session).toMatchObject({ username: 'li', token: 'token-of-li' })
  })

  it('says nothing of the one that was given since', async () => {
    await signIn('wu', '吴桂英', 'new')
    await expire('wu', 'token-of-wu')
    expect(person.value!.session.token).toBe('new')
    expect((await device.sessions.get('wu'))!.token).toBe('new')
  })
})

describe('another tab', () => {
  it('takes this one along when the person logs in, is signed out or leaves there', async () => {
    await resume()
    for (const token of ['from-there', null, 'again']) {
      await device.sessions.update('wu', { token })
      await vi.waitFor(() => expect(person.value!.session.token).toBe(token))
    }
    await device.sessions.update('wu', { current: false })
    await vi.waitFor(() => expect(person.value).toBeNull())
  })
})

describe('logging out', () => {
  it('clears what the server gave and keeps what is unsent, under that person only', async () => {
    const before = person.value!.db
    await work(before)
    await signOut()
    expect(person.value).toBeNull()
    const left = new PersonDb('wu')
    expect(await counts(left, GIVEN)).toEqual(GIVEN.map(() => 0))
    expect(await counts(left, OWN)).toEqual([1, 1, 1])
    left.close()
    expect((await device.sessions.get('wu'))!.token).toBeNull()
    await signIn('wu', '吴桂英', 'again')
    expect(await counts(person.value!.db, OWN)).toEqual([1, 1, 1])
  })

  it('takes nothing in that was still on its way', async () => {
    const before = person.value!.db
    await work(before)
    const leaving = signOut()
    const late = before.kept.put({ key: 'at', value: '2026-11-26T08:00:00Z' })
    await expect(late).rejects.toThrow('closed')
    await leaving
    const left = new PersonDb('wu')
    expect(await left.kept.count()).toBe(0)
    left.close()
  })

  it('leaves nothing behind when nothing is unsent', async () => {
    await person.value!.db.pictures.put(picture)
    await signOut()
    expect(await knownPeople()).toEqual([])
    expect(await Dexie.exists('gridwhistle:wu')).toBe(false)
  })
})
