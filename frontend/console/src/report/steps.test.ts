import { describe, expect, it } from 'vitest'
import type { Schemas } from '@shared/api/client'
import { STEPS, isOpen, isRequired, mayTake, suitsDuty, suitsReport, type Target } from './steps'

const rule = (on: keyof typeof STEPS, name: string) => STEPS[on].find((one) => one.name === name)!
const report: Target = { on: 'report', id: 'x', allowed: ['accept', 'reject'] }

describe('what can be done with a report', () => {
  it('is what the server allows now', () => {
    expect(isOpen(rule('report', 'accept'), report)).toBe(true)
    expect(isOpen(rule('report', 'close'), report)).toBe(false)
  })

  it('is not offered to who never may', () => {
    const clerk = (can: string) => can === 'call_back'
    expect(mayTake(rule('report', 'accept'), report, clerk)).toBe(false)
    expect(mayTake(rule('report', 'urge'), report, clerk)).toBe(true)
  })

  it('lets a unit act on its own duty only', () => {
    const nobody = () => false
    expect(mayTake(rule('assignment', 'receive'), { ...report, own: true }, nobody)).toBe(true)
    expect(mayTake(rule('assignment', 'receive'), report, nobody)).toBe(false)
  })

  it('asks for more time once, for the lead', () => {
    const duty = { id: 7, role: 'lead', whistle: null, handed_from: null } as Schemas['AssignmentOut']
    const on = (requests: unknown[]) =>
      ({ status: 'in_progress', requests, clocks: [] }) as unknown as Schemas['ReportDetail']
    expect(suitsDuty('ask_extension', duty, on([]))).toBe(true)
    expect(suitsDuty('ask_extension', { ...duty, role: 'assist' }, on([]))).toBe(false)
    expect(suitsDuty('ask_extension', duty, on([{ assignment: 7, kind: 'extension', status: 'pending' }]))).toBe(false)
  })

  it('approves a result once, and closes when no result waits for that', () => {
    const now = (status: string) => {
      const report = { status: 'in_review', assignments: [{ active: true, status }] } as Schemas['ReportDetail']
      return ['approve', 'close'].filter((name) => suitsReport(name, report))
    }
    expect(now('submitted')).toEqual(['approve'])
    expect(now('approved')).toEqual(['close'])
  })

  it('asks for an answer where somebody waits for one', () => {
    const answer = rule('report', 'close').fields.find((field) => field.name === 'answer')!
    const asked = (requester: unknown) => isRequired(answer, { requester } as Schemas['ReportDetail'])
    expect([null, { answer: '' }, { answer: '已清运' }].map(asked)).toEqual([false, true, false])
  })

  it('has every step once per object', () => {
    for (const rules of Object.values(STEPS)) {
      const names = rules.map((one) => one.name)
      expect(new Set(names).size).toBe(names.length)
    }
  })
})
