import { describe, expect, it } from 'vitest'
import { checkInEntry, endEntry, isRunning, lasting, patrolsOf, type Patrol } from './patrols'

const TODAY = '2026-11-26'
const AT = '2026-11-26T01:00:00.000Z'
const PLACE = { lng: 122.4, lat: 37.1, accuracy: 8, at: AT, moved: false }
const noted = (more: Partial<Patrol> = {}): Patrol => ({
  ...{ id: 'p1', grid: '第一网格', note: '', startedAt: AT, endedAt: null, sending: null },
  ...more,
})
const told = (more = {}) => ({
  ...{ id: 'p1', grid: { code: 'g1', name: '第一网格' }, note: '', started_at: AT, ended_at: null },
  ...more,
})
const waiting = (entry: object, state: 'waiting' | 'refused' = 'waiting') => ({ ...entry, state }) as never

describe('patrols', () => {
  const entry = checkInEntry(PLACE, '夜间', '签到', new Date(AT))

  it('run from the moment they are in the queue', () => {
    const [one] = patrolsOf([waiting(entry)], [], [], TODAY)
    expect(one).toMatchObject({ id: entry.id, startedAt: AT, note: '夜间', sending: 'waiting' })
    expect(isRunning(one)).toBe(true)
  })

  it('run on after the queue has sent them, whatever was last read online', () => {
    const all = patrolsOf([], [noted()], [told({ id: 'p0', ended_at: AT })], TODAY)
    expect(all.find(isRunning)?.id).toBe('p1')
  })

  it('are over once their end is in the queue, though the server does not know', () => {
    const end = endEntry('p1', '结束', new Date('2026-11-26T03:00:00Z'))
    const [one] = patrolsOf([waiting(end)], [noted()], [told()], TODAY)
    expect(one).toMatchObject({ endedAt: '2026-11-26T03:00:00.000Z', sending: 'waiting', grid: '第一网格' })
    expect(isRunning(one)).toBe(false)
  })

  it('are over when the phone noted it and the answer kept is older', () => {
    const [one] = patrolsOf([], [noted({ endedAt: '2026-11-26T03:00:00.000Z' })], [told()], TODAY)
    expect(isRunning(one)).toBe(false)
  })

  it('that the server refused do not run', () => {
    const [one] = patrolsOf([waiting(entry, 'refused')], [noted({ id: entry.id })], [], TODAY)
    expect(one.sending).toBe('refused')
    expect(isRunning(one)).toBe(false)
  })

  it('of days before are left out unless they still run', () => {
    const old = '2026-11-24T01:00:00.000Z'
    const all = patrolsOf([], [noted({ startedAt: old }), noted({ id: 'p2', startedAt: old, endedAt: old })], [], TODAY)
    expect(all.map((one) => one.id)).toEqual(['p1'])
  })

  it('answer with their own id, their end too', () => {
    expect(entry).toMatchObject({
      method: 'PUT',
      path: `patrols/${entry.id}`,
      names: entry.id,
      chain: `patrol:${entry.id}`,
    })
    expect(endEntry('p1', '', new Date(AT))).toMatchObject({
      ...{ method: 'POST', path: 'patrols/p1/end', names: 'p1', chain: 'patrol:p1', body: { ended_at: AT } },
    })
  })

  it('last hours and minutes', () => {
    expect(lasting(AT, Date.parse('2026-11-26T03:05:59Z'))).toEqual({ h: 2, m: 5 })
    expect(lasting(AT, Date.parse(AT) - 5)).toEqual({ h: 0, m: 0 })
  })
})
