import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PersonDb } from '@/store/db'
import { nearestPlaceOf, placeOf } from './places'
import { notice, REPORT, task } from './samples'

let db: PersonDb
beforeEach(() => (db = new PersonDb('places-test')))
afterEach(() => db.delete())

describe('where a notice leads', () => {
  it.each([
    [notice(), 'task', '41'],
    [notice({ kind: 'field_check_asked', subject: 'field_check', subject_id: '5' }), 'check', '5'],
    [notice({ kind: 'field_check_cancelled', subject: 'field_check', subject_id: '5' }), 'report', REPORT],
    [notice({ kind: 'clock_red', subject: 'report', subject_id: REPORT }), 'report', REPORT],
    [notice({ kind: 'meeting_set', subject: 'whistle', subject_id: '12' }), 'report', REPORT],
    [notice({ kind: 'unanswered', params: { kind: 'whistle_blown', params: { report: REPORT } } }), 'report', REPORT],
  ])('%#', (one, name, id) => {
    expect(placeOf(one)).toEqual({ name, params: { id } })
  })

  it('leads nowhere where its text is all there is', () => {
    expect(placeOf(notice({ kind: 'announcement', subject: 'announcement', subject_id: '3', params: {} }))).toBeNull()
  })

  it('leads to the person’s own duty on the report, where there is one', async () => {
    const red = notice({ kind: 'clock_red', subject: 'report', subject_id: REPORT })
    expect(await nearestPlaceOf(red, db)).toEqual({ name: 'report', params: { id: REPORT } })
    await db.tasks.put(task())
    expect(await nearestPlaceOf(red, db)).toEqual({ name: 'task', params: { id: 41 } })
  })
})
