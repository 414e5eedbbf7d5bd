import { describe, expect, it, vi } from 'vitest'
import { clock, task } from '@/notices/samples'
import type { Entry } from '@/queue/entry'
import { fromTask } from './matter'
import { ahead, checkWaits, moving } from './useWaiting'

vi.mock('@/queue', () => ({ enqueue: vi.fn() }))

const AT = '2026-05-08T16:30:00+08:00'
const matter = fromTask(
  task({
    whistle: {
      id: 12,
      kind: 'emergency',
      status: 'blown',
      calling_area: { name: '崖头街道' },
      calling_department: null,
    },
    clocks: [clock('sign_for', AT), clock('report_in', AT), clock('handle', AT)],
  }),
)
const entry = (name: string, seq: number, state: Entry['state'] = 'waiting') =>
  ({ id: name, path: `assignments/41/${name}`, seq, state }) as unknown as Entry
const kinds = (queue: Entry[]) => ahead(matter, queue).matter.deadlines.map((one) => one.kind)

describe('a duty while steps wait to be sent', () => {
  it('stands where the steps lead, and what they stop no longer counts', () => {
    expect(kinds([])).toEqual(['sign_for', 'report_in', 'handle'])
    expect(kinds([entry('receive', 1)])).toEqual(['report_in', 'handle'])
    const then = ahead(matter, [entry('report_in', 2), entry('receive', 1)])
    expect(then.matter.standing.status).toBe('reported_in')
    expect(then.waiting).toEqual(['receive', 'report_in'])
    expect(then.matter.deadlines.map((one) => one.kind)).toEqual(['handle'])
  })

  it('stands where it stood for steps that were refused, and knows them', () => {
    const then = ahead(matter, [entry('receive', 1, 'refused')])
    expect(then.matter.standing.status).toBe('issued')
    expect(then.refused).toMatchObject([{ name: 'receive' }])
    expect(kinds([entry('receive', 1, 'refused')])).toHaveLength(3)
  })

  it('knows that the answer to a check waits', () => {
    const answer = { path: 'field_checks/5/answer', state: 'sending' } as Entry
    expect(checkWaits([answer], 5)).toBe(true)
    expect(checkWaits([answer], 50)).toBe(false)
    expect(checkWaits([{ ...answer, state: 'refused' }], 5)).toBe(false)
  })
})

describe('what the server took', () => {
  const asked = '2026-05-08T08:00:00.000Z'
  const sent = (at: string) => ({ id: 'x', kind: 'step' as const, title: '', path: 'assignments/41/report_in', at })
  const lacking = (at: string) =>
    ({ ...entry('report_in', 1, 'refused'), bodySent: true, failure: { code: 'x', title: '', at } }) as Entry

  it('counts as done until the server was asked again', () => {
    const then = ahead(matter, moving([], [sent('2026-05-08T08:00:01.000Z')], asked))
    expect(then.waiting).toEqual(['report_in'])
    expect(then.matter.standing.status).toBe('reported_in')
    expect(ahead(matter, moving([], [sent('2026-05-08T07:59:59.000Z')], asked)).waiting).toEqual([])
  })

  it('is no refused step, though a picture of it was refused', () => {
    const then = ahead(matter, moving([lacking('2026-05-08T08:00:01.000Z')], [], asked))
    expect([then.waiting, then.refused]).toEqual([['report_in'], []])
    expect(ahead(matter, moving([lacking('2026-05-08T07:00:00.000Z')], [], asked))).toMatchObject({
      ...{ waiting: [], refused: [] },
    })
    const not = { ...lacking(asked), bodySent: false }
    expect(ahead(matter, moving([not], [], asked)).refused).toHaveLength(1)
  })
})
