import { describe, expect, it } from 'vitest'
import { byLight, lightOf, nextClock, stepsOf, type Duty, type DutyRow, type Ground } from './standing'

const duty = (over: Partial<Duty>) =>
  ({
    id: 1,
    role: 'lead',
    status: 'received',
    active: true,
    whistle: null,
    department: { code: 'W', name: 'W' },
    assignee: null,
    handed_from: null,
    reported_in_at: null,
    left_at: null,
    allowed: ['receive', 'submit', 'hand_on', 'ask_return', 'ask_extension', 'ask_waiver'],
    ...over,
  }) as Duty
const ground = (over: Partial<Duty>, report: Partial<Ground['report']> = {}): Ground => ({
  duty: duty(over),
  report: { status: 'in_progress', requests: [], clocks: [], ...report } as Ground['report'],
  me: 'liu',
  handles: true,
})

describe('the steps on a duty', () => {
  it('of a whistle give no result before somebody has reported in', () => {
    expect(stepsOf(ground({}))).toContain('submit')
    expect(stepsOf(ground({ whistle: 7 }))).not.toContain('submit')
    expect(stepsOf(ground({ whistle: 7, reported_in_at: 'x' }))).toContain('submit')
  })

  it('leave the work to the person who has it in hand', () => {
    const colleague = stepsOf(
      ground({ assignee: { username: 'wang', name: 'W' }, allowed: ['submit', 'take_back', 'hand_on'] }),
    )
    expect(colleague).toEqual(['hand_on', 'take_back'])
    expect(stepsOf({ ...ground({ assignee: { username: 'liu', name: 'L' } }), handles: false })).toContain('submit')
  })

  it('ask nothing twice, and more time only for a lead', () => {
    const requests = [{ assignment: 1, kind: 'return', status: 'pending' }] as Ground['report']['requests']
    expect(stepsOf(ground({}, { requests }))).not.toContain('ask_return')
    expect(stepsOf(ground({ role: 'assist' }))).not.toContain('ask_extension')
  })

  it('appeal only what was late, once, and after closing', () => {
    const clocks = [{ assignment: 1, outcome: 'overdue', exempt: false }] as Ground['report']['clocks']
    const closed = { status: 'closed', clocks } as const
    expect(stepsOf(ground({ status: 'approved', allowed: [] }, closed))).toEqual(['ask_appeal'])
    expect(stepsOf(ground({ status: 'approved', allowed: [] }, { clocks }))).toEqual([])
    const requests = [{ assignment: 1, kind: 'appeal', status: 'refused' }] as Ground['report']['requests']
    expect(stepsOf(ground({ status: 'approved', allowed: [] }, { ...closed, requests }))).toEqual([])
  })

  it('are none for information', () => {
    expect(stepsOf(ground({ role: 'notify' }))).toEqual([])
  })
})

describe('the list of duties', () => {
  const row = (id: number, light: string, due: string | null, over: Partial<Duty> = {}) => ({
    row: { ...duty({ id, ...over }), matter: { light, due_at: due } } as DutyRow,
  })
  const now = Date.parse('2026-11-26T10:00:00Z')

  it('puts red first, and in a light what is due first', () => {
    const rows = [
      row(1, 'green', '2026-11-26T18:00:00Z'),
      row(2, 'yellow', '2026-11-26T11:00:00Z'),
      row(3, 'green', '2026-11-26T12:00:00Z'),
      row(4, 'yellow', '2026-11-26T09:00:00Z'),
      row(5, 'red', '2026-11-26T09:30:00Z', { status: 'submitted' }),
    ]
    expect(byLight(rows, now).map(({ row: one }) => one.id)).toEqual([4, 2, 3, 1, 5])
    expect(lightOf(rows[3].row, now)).toBe('red')
  })

  it('shows the clock of the duty that ends first', () => {
    const clocks = [
      { id: 1, assignment: 1, stopped_at: null, due_at: '2026-11-27T00:00:00Z' },
      { id: 2, assignment: 1, stopped_at: null, due_at: '2026-11-26T12:00:00Z' },
      { id: 3, assignment: 1, stopped_at: 'x', due_at: '2026-11-26T10:00:00Z' },
      { id: 4, assignment: 2, stopped_at: null, due_at: '2026-11-26T10:00:00Z' },
    ] as Ground['report']['clocks']
    expect(nextClock(duty({}), clocks)?.id).toBe(2)
  })
})
