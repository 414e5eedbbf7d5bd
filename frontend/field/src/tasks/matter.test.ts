import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { check, clock, task } from '@/notices/samples'
import { byUrgency, fromTask, identity, lightOf, turnOf, type Line } from './matter'

const NOW = Date.parse('2026-05-08T16:10:00+08:00')
const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString()
const duty = (id: number, due: number, yellow: number | null = null, running = true): Line => ({
  matter: fromTask(
    task({
      id,
      clocks: [{ ...clock('handle', at(due), { assignment: id, running, yellow_at: yellow && at(yellow) }) }],
    }),
  ),
  check: null,
})
const looking = (id: number, due: number, light: 'green' | 'yellow' = 'green'): Line => ({
  matter: null,
  check: check({ id, due_at: at(due), light }),
})

describe('the order of what is to be done', () => {
  it('has red before yellow before green, and within a light what is due first', () => {
    const lines = [duty(1, 300), duty(2, -5), looking(3, 20), duty(4, 100, -1), duty(5, -60), looking(6, 500, 'yellow')]
    expect(lines.sort(byUrgency(NOW)).map(identity)).toEqual(['d5', 'd2', 'd4', 'c6', 'c3', 'd1'])
  })

  it('puts what stands still last', () => {
    const lines = [duty(1, -500, null, false), duty(2, 500)]
    expect(lines.sort(byUrgency(NOW)).map(identity)).toEqual(['d2', 'd1'])
    expect(lightOf(duty(1, -500, null, false), NOW)).toBe('')
  })

  it('is the same whatever the order in which they came', () => {
    const lines = [duty(1, 5), duty(2, 5), looking(2, 5), duty(3, -5), duty(4, 90, 30), looking(9, -5), duty(6, 1)]
    const right = [...lines].sort(byUrgency(NOW)).map(identity)
    fc.assert(
      fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), (mixed) => {
        expect([...mixed].sort(byUrgency(NOW)).map(identity)).toEqual(right)
      }),
    )
  })

  it('shows the clocks of the duty itself, the nearest first', () => {
    const clocks = [
      clock('handle', at(300)),
      clock('sign_for', at(10)),
      clock('report_in', at(5), { assignment: null, whistle: 12 }),
    ]
    expect(fromTask(task({ clocks })).deadlines.map((one) => one.kind)).toEqual(['sign_for', 'handle'])
  })

  it('knows whose turn it is', () => {
    const { standing } = fromTask(task())
    expect(turnOf(standing)).toBe('mine')
    expect(turnOf({ ...standing, status: 'submitted' })).toBe('theirs')
    expect(turnOf({ ...standing, role: 'notify' })).toBe('information')
  })
})
