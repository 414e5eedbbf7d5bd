import type { Schemas } from '@shared/api/client'
import { describe, expect, it } from 'vitest'
import { progress, stepsOn, unitRows, whyAgain, type Clock, type Duty, type Recipient, type Whistle } from './watch'

const whistle = (over: Partial<Whistle>) =>
  ({
    kind: 'routine',
    status: 'handling',
    round: 1,
    previous: null,
    blown_at: 'x',
    reviewed_at: null,
    allowed: [],
    ...over,
  }) as Whistle
const duty = (over: Partial<Duty>) =>
  ({ id: 1, received_at: null, reported_in_at: null, submitted_at: null, ...over }) as Duty
const person = (over: Partial<Recipient>) =>
  ({ rung_at: null, on_device_at: null, seen_at: null, receipted_at: null, assignment: null, ...over }) as Recipient

const anything = () => true

describe('the steps on a whistle', () => {
  it('are those its state allows and the person may take', () => {
    const pending = whistle({ status: 'pending', allowed: ['approve', 'decline', 'withdraw'] })
    expect(stepsOn(pending, anything)).toEqual(['approve', 'decline', 'withdraw'])
    expect(stepsOn(pending, (needed) => needed === 'blow_whistle')).toEqual(['withdraw'])
    expect(stepsOn(pending, () => false)).toEqual([])
  })

  it('review only an emergency that nobody has reviewed, and of its first round', () => {
    const allowed = ['review']
    expect(stepsOn(whistle({ kind: 'emergency', allowed }), anything)).toEqual(['review'])
    expect(stepsOn(whistle({ kind: 'routine', allowed }), anything)).toEqual([])
    expect(stepsOn(whistle({ kind: 'emergency', previous: 7, allowed }), anything)).toEqual([])
    expect(stepsOn(whistle({ kind: 'emergency', reviewed_at: 'x', allowed }), anything)).toEqual([])
  })

  it('meet only about a joint whistle, and go to a next round before the third', () => {
    const allowed = ['meeting', 'minutes', 'escalate']
    expect(stepsOn(whistle({ allowed }), anything)).toEqual(['escalate'])
    expect(stepsOn(whistle({ kind: 'joint', round: 3, allowed }), anything)).toEqual(['meeting', 'minutes'])
  })
})

describe('a next round', () => {
  const events = [
    { kind: 'escalate', whistle: 6, note: '', data: { missing: ['市水务集团'] } },
    { kind: 'next_round', whistle: 7, data: { round: 2 } },
    { kind: 'escalate', whistle: 7, note: '仍在漏水', data: { again: ['市水务集团'] } },
  ] as unknown as Schemas['EventOut'][]

  it('tells why it was blown: who had not come, or what the desk said', () => {
    expect(whyAgain(whistle({ previous: 6 }), events)).toEqual({ said: '', missing: ['市水务集团'] })
    expect(whyAgain(whistle({ previous: 7 }), events)).toEqual({ said: '仍在漏水', missing: [] })
    expect(whyAgain(whistle({ previous: null }), events)).toBeNull()
  })
})

describe('the watch', () => {
  const clocks = [
    { assignment: 1, kind: 'report_in', outcome: 'cancelled', id: 1 },
    { assignment: 1, kind: 'report_in', outcome: '', id: 2 },
  ] as Clock[]

  it('puts people under the unit they were rung for, and shows the clock that counts', () => {
    const rows = unitRows(
      [duty({ id: 1 }), duty({ id: 2 })],
      [person({ assignment: 2, rung_at: 'x', on_device_at: 'x' }), person({ assignment: 1, rung_at: 'x' })],
      clocks,
    )
    expect(rows.map((row) => [row.rung, row.onDevice, row.seen])).toEqual([
      [1, 0, 0],
      [1, 1, 0],
    ])
    expect(rows[0].reportIn?.id).toBe(2)
  })

  it('counts a unit that signed for it as reached, however it heard', () => {
    const rows = unitRows([duty({ received_at: 'x', reported_in_at: 'x' }), duty({ id: 2 })], [], [])
    expect(progress(rows)).toEqual({ called: 2, onDevice: 1, seen: 1, received: 1, reportedIn: 1, submitted: 0 })
  })
})
