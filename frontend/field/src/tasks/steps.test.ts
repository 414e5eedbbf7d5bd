import { describe, expect, it, vi } from 'vitest'
import type { Entry } from '@/queue/entry'
import { after, stepEntry, stepsOf, stepsQueued, type Standing, type StepName } from './steps'

vi.mock('@/queue', () => ({ enqueue: vi.fn() }))

const standing = (changes: Partial<Standing> = {}): Standing => ({
  ...{ role: 'lead', status: 'issued', onWhistle: false, onScene: false, left: false, asked: [] },
  ...changes,
})
const then = (from: Standing, ...waiting: StepName[]) => stepsOf(after(from, waiting), waiting)

describe('the steps on a duty', () => {
  it('first asks to be signed for, then for the result', () => {
    expect(stepsOf(standing())).toEqual(['receive', 'ask_extension', 'ask_return'])
    expect(stepsOf(standing({ status: 'received' }))).toEqual(['submit', 'ask_extension', 'ask_return'])
  })

  it('on a whistle asks to come before it asks for a result', () => {
    const called = standing({ onWhistle: true })
    expect(stepsOf(called)).toContain('report_in')
    expect(then(called, 'receive')).not.toContain('submit')
    expect(then(called, 'receive', 'report_in')).toContain('submit')
    expect(then(called, 'report_in')).toEqual(['submit', 'ask_extension', 'ask_return', 'leave'])
  })

  it('offers nothing twice while it waits', () => {
    expect(then(standing(), 'receive')).not.toContain('receive')
    expect(then(standing({ status: 'received' }), 'ask_extension')).not.toContain('ask_extension')
    expect(then(standing({ status: 'received' }), 'ask_return')).toEqual([])
  })

  it('offers nothing while a return is decided or the result is reviewed', () => {
    expect(stepsOf(standing({ status: 'returned' }))).toEqual([])
    expect(stepsOf(standing({ status: 'submitted' }))).toEqual([])
  })

  it('lets one who was missed still come, and one who reported in leave once', () => {
    expect(stepsOf(standing({ status: 'no_show', onWhistle: true }))).toEqual(['report_in'])
    const here = standing({ status: 'reported_in', onWhistle: true, onScene: true })
    expect(stepsOf(here)).toContain('leave')
    expect(stepsOf({ ...here, left: true })).not.toContain('leave')
  })

  it('gives nothing to do to who is only told, and no extension to who assists', () => {
    expect(stepsOf(standing({ role: 'notify' }))).toEqual([])
    expect(stepsOf(standing({ role: 'assist', status: 'received' }))).not.toContain('ask_extension')
  })
})

describe('a step in the queue', () => {
  const entry = stepEntry('assignments/41/report_in', { report: 'r1', title: '报到' }, { note: 'x' }, [
    { sha256: 'ab', size: 3, kind: 'reference' },
  ])

  it('carries its own id, names the report and sends its pictures there', () => {
    expect(entry.body).toMatchObject({ request_id: entry.id, photos: [{ sha256: 'ab', size: 3, kind: 'reference' }] })
    expect(entry).toMatchObject({ names: 'r1', chain: 'report:r1', method: 'POST' })
    expect(entry.pictures).toMatchObject([{ path: 'reports/r1/photos/ab', sent: false }])
  })

  it('is found again by its duty, in the order of sending', () => {
    const queued = (path: string, seq: number) => ({ ...entry, path, seq }) as unknown as Entry
    const queue = [
      queued('assignments/41/submit', 3),
      queued('assignments/41/report_in', 2),
      queued('assignments/410/receive', 1),
      queued('reports/r1', 4),
    ]
    expect(stepsQueued(queue, 41).map((one) => one.name)).toEqual(['report_in', 'submit'])
  })
})
