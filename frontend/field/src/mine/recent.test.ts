import { afterEach, beforeEach, expect, it } from 'vitest'
import { PersonDb, type ReportRow } from '@/store/db'
import { household } from '@/visits/fixtures'
import { recentOf } from './recent'

let db: PersonDb
beforeEach(() => (db = new PersonDb('recent-test')))
afterEach(() => db.delete())

const NOW = new Date('2026-11-26T08:00:00+08:00')
const report = (id: string, received_at: string, more: Partial<ReportRow> = {}) =>
  ({ id, received_at, mine: true, closed_at: null, ...more }) as ReportRow

it('counts what is mine and of the last thirty days', async () => {
  await db.reports.bulkPut([
    report('a', '2026-11-25T08:00:00+08:00'),
    report('b', '2026-10-28T08:00:00+08:00', { closed_at: '2026-11-01T08:00:00+08:00' }),
    report('old', '2026-10-20T08:00:00+08:00', { closed_at: '2026-11-01T08:00:00+08:00' }),
    report('theirs', '2026-11-25T08:00:00+08:00', { mine: false }),
  ])
  await db.households.bulkPut([
    household('visited', null, { last_visit_at: '2026-11-20T08:00:00+08:00' }),
    household('long ago', null, { last_visit_at: '2026-05-20T08:00:00+08:00' }),
    household('never', null),
  ])
  expect(await recentOf(db, NOW)).toEqual({ reported: 2, closed: 1, visited: 1 })
})
