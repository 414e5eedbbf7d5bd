import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PersonDb } from '@/store/db'
import { keep, markReceipted, markSeen, noteAcked, noteSeenAt, trim, unsaid } from './keep'
import { notice } from './samples'

let db: PersonDb
beforeEach(() => (db = new PersonDb('notices-test')))
afterEach(() => db.delete())

describe('the notices on the phone', () => {
  it('keeps one that comes twice once, and says only the first time that it is new', async () => {
    expect(await keep(db, [notice(), notice({ id: 2 })])).toHaveLength(2)
    expect(await keep(db, [notice(), notice({ id: 3 })])).toMatchObject([{ id: 3 }])
    expect(await db.notices.count()).toBe(3)
  })

  it('drops doubles within one frame', async () => {
    expect(await keep(db, [notice(), notice()])).toHaveLength(1)
  })

  it('never undoes what the person did here when the same notice comes again', async () => {
    await keep(db, [notice()])
    await noteAcked(db, [1])
    await markReceipted(db, [1])
    await keep(db, [notice({ title: '新的说法' })])
    expect(await db.notices.get(1)).toMatchObject({ title: '新的说法', acked: true, seen: true })
    expect((await db.notices.get(1))!.receipted_at).not.toBeNull()
  })

  it('learns what was done on another device', async () => {
    await keep(db, [notice()])
    const at = '2026-05-08T16:05:00+08:00'
    await keep(db, [notice({ seen_at: at, receipted_at: at, delivered_at: at })])
    expect(await db.notices.get(1)).toMatchObject({ seen: true, acked: true, receipted_at: at })
  })

  it('tells the server of what was opened until the server has taken it', async () => {
    await keep(db, [notice()])
    await markSeen(db, [1])
    expect(unsaid.seen(await db.notices.toArray())).toEqual([1])
    expect(unsaid.acks(await db.notices.toArray())).toEqual([1])
    await noteSeenAt(db, [1], '2026-05-08T16:05:00+08:00')
    await noteAcked(db, [1])
    expect(unsaid.seen(await db.notices.toArray())).toEqual([])
    expect(unsaid.acks(await db.notices.toArray())).toEqual([])
  })

  it('lets go of the oldest, but of none the server has not heard of', async () => {
    const at = '2026-05-08T16:00:00+08:00'
    const many = Array.from({ length: 510 }, (_, n) => notice({ id: n + 1, delivered_at: n ? at : null }))
    await keep(db, many)
    await trim(db)
    expect(await db.notices.count()).toBe(501)
    expect(await db.notices.get(1)).toBeDefined()
    expect(await db.notices.get(2)).toBeUndefined()
  })
})
