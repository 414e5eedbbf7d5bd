import { describe, expect, it } from 'vitest'
import { assignmentsOf, nextRole, withTarget, withoutTarget, type Party } from './targets'

const gas: Party = { kind: 'department', code: 'WH-RQ', name: '燃气' }
const water: Party = { kind: 'department', code: 'WH-SW', name: '水务' }
const worker: Party = { kind: 'assignee', code: 'w001', name: '王勇' }

describe('whom a duty is given to', () => {
  it('never has two leads: the first becomes an assist', () => {
    const both = withTarget(withTarget([], gas, 'lead'), water, 'lead')
    expect(both.map(({ code, role }) => [code, role])).toEqual([
      ['WH-RQ', 'assist'],
      ['WH-SW', 'lead'],
    ])
  })

  it('names nobody twice', () => {
    expect(withTarget(withTarget([], gas, 'lead'), gas, 'notify')).toEqual([{ ...gas, role: 'notify' }])
  })

  it('offers the lead first and only where one is wanted', () => {
    expect(nextRole([], true)).toBe('lead')
    expect(nextRole([], false)).toBe('assist')
    expect(nextRole([{ ...gas, role: 'lead' }], true)).toBe('assist')
  })

  it('lets go of one and says the rest as the server takes it', () => {
    const targets = withTarget(withTarget(withTarget([], gas, 'lead'), water, 'assist'), worker, 'assist')
    expect(assignmentsOf(withoutTarget(targets, water))).toEqual([
      { role: 'lead', department: 'WH-RQ' },
      { role: 'assist', assignee: 'w001' },
    ])
  })
})
