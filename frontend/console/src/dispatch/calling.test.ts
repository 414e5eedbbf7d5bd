import { describe, expect, it } from 'vitest'
import { callingLevel, pathOf } from './calling'

describe('who calls, and who approves', () => {
  it('goes by the widest post that may call', () => {
    expect(callingLevel(new Set(['community_admin', 'street_dispatcher']))).toBe('street')
    expect(callingLevel(new Set(['community_admin', 'department_staff']))).toBe('community')
    expect(callingLevel(new Set(['department_leader']))).toBe('department')
  })

  it('asks nobody before an emergency, and reviews it afterwards', () => {
    expect(pathOf('emergency', 'street')).toEqual(['draft', 'blown', 'report_in', 'review'])
  })

  it('lets the person in charge of a community approve what the community calls', () => {
    expect(pathOf('routine', 'community')).toContain('community_leader')
    expect(pathOf('joint', 'department')).toContain('street_leader')
  })
})
