import { describe, expect, it } from 'vitest'
import type { FieldCheck, Notice, Task } from '@/store/db'
import { ringing, signsDuty, type Known } from './calls'
import { check, clock, notice, REPORT, task } from './samples'

const NOW = Date.parse('2026-05-08T16:10:00+08:00')
const AFTER = '2026-05-08T16:05:00+08:00'
const BEFORE = '2026-05-08T15:00:00+08:00'

function known(notices: Notice[], more: { tasks?: Task[]; checks?: FieldCheck[]; syncedAt?: string } = {}): Known {
  return {
    notices,
    tasks: new Map((more.tasks ?? []).map((one) => [one.id, one])),
    checks: new Map((more.checks ?? []).map((one) => [one.id, one])),
    syncedAt: more.syncedAt ?? null,
  }
}

const ids = (of: Known, now = NOW) => ringing(of, now).map((one) => one.notice.id)

describe('what rings', () => {
  it('rings for a whistle from the notice alone, with what it is, where and by when', () => {
    const [one] = ringing(known([notice()]), NOW)
    expect(one.form).toBe('whistle')
    expect(one.due).toBe('2026-05-08T16:30:00+08:00')
    expect(one.matter).toMatchObject({ item: '路面积水', address: '文化东路', lng: 122.4, report: REPORT, id: 41 })
    expect(one.matter?.call).toMatchObject({ caller: '崖头街道', kind: 'emergency' })
  })

  it('rings after an hour without signal', () => {
    expect(ids(known([notice()]), NOW + 3_600_000)).toEqual([1])
  })

  it('lets a day old call be a line in the list', () => {
    expect(ids(known([notice()]), NOW + 24 * 3_600_000)).toEqual([])
  })

  it('is still for ordinary notices and for news', () => {
    const news = notice({ kind: 'report_closed', id: 2, subject: 'report', subject_id: 'other', params: {} })
    expect(ids(known([notice({ kind: 'assignment_issued', urgency: 'normal' }), news]))).toEqual([])
  })

  it('stops when the person has signed, here or elsewhere', () => {
    expect(ids(known([notice({ receipted_at: AFTER })]))).toEqual([])
  })

  it('stops when a colleague of the unit has signed for the duty', () => {
    expect(ids(known([notice()], { tasks: [task({ status: 'received' })] }))).toEqual([])
    expect(ids(known([notice()], { tasks: [task()] }))).toEqual([1])
  })

  it('stops when the whistle is withdrawn, and rings for another one', () => {
    const withdrawn = notice({ id: 2, kind: 'whistle_withdrawn', subject: 'whistle', subject_id: '12' })
    const params = { ...(notice().params as object), whistle: 13, report: 'other', unit: '水务局' }
    expect(ids(known([notice(), withdrawn, notice({ id: 3, params, subject_id: '43' })]))).toEqual([3])
  })

  it('rings for the last round only', () => {
    const params = { ...(notice().params as object), whistle: 13 }
    expect(ids(known([notice(), notice({ id: 9, params, subject_id: '44' })]))).toEqual([9])
  })

  it('rings for an urgent field check until it is answered or cancelled', () => {
    const asked = notice({ kind: 'field_check_asked', subject: 'field_check', subject_id: '5', urgency: 'urgent' })
    expect(ids(known([asked]))).toEqual([1])
    expect(ringing(known([asked], { checks: [check()], syncedAt: AFTER }), NOW)[0].due).toBe(check().due_at)
    expect(ids(known([asked], { syncedAt: AFTER }))).toEqual([])
    expect(ids(known([asked], { syncedAt: BEFORE }))).toEqual([1])
    const cancelled = { ...asked, id: 2, kind: 'field_check_cancelled' }
    expect(ids(known([asked, cancelled]))).toEqual([])
  })

  it('rings for what others did not answer until it was seen', () => {
    const unanswered = notice({ kind: 'unanswered', needs_receipt: false })
    expect(ids(known([unanswered]))).toEqual([1])
    expect(ids(known([{ ...unanswered, seen: true }]))).toEqual([])
  })

  it('shows emergencies first, then what is due first', () => {
    const call = (id: number, urgency: Notice['urgency'], due_at: string) =>
      notice({ id, urgency, subject_id: String(id), params: { whistle: id, report: `r${id}`, due_at } })
    const calls = [
      call(1, 'urgent', '2026-05-08T16:20:00+08:00'),
      call(2, 'emergency', '2026-05-08T16:40:00+08:00'),
      call(3, 'emergency', '2026-05-08T16:30:00+08:00'),
    ]
    expect(ids(known(calls))).toEqual([3, 2, 1])
  })

  it('counts down to reporting in, not to signing', () => {
    const clocks = [clock('sign_for', '2026-05-08T16:15:00+08:00'), clock('report_in', '2026-05-08T16:30:00+08:00')]
    expect(ringing(known([notice()], { tasks: [task({ clocks })] }), NOW)[0].due).toBe('2026-05-08T16:30:00+08:00')
  })

  it('signs for the duty, but only for the notice where the duty is not the person’s', () => {
    const of = (more: Parameters<typeof known>[1]) => {
      const all = known([notice()], more)
      return signsDuty(ringing(all, NOW)[0], all)
    }
    expect(of({})).toBe(true)
    expect(of({ syncedAt: BEFORE })).toBe(true)
    expect(of({ syncedAt: AFTER, tasks: [task()] })).toBe(true)
    expect(of({ syncedAt: AFTER })).toBe(false)
  })
})
