import { describe, expect, it } from 'vitest'
import { fromField, toField } from './moment'

describe('the field for a moment', () => {
  it('shows and reads the time of Shanghai', () => {
    expect(toField('2026-11-26T01:30:00Z')).toBe('2026-11-26T09:30')
    expect(toField(null)).toBe('')
    expect(fromField('2026-11-26T09:30')).toBe('2026-11-26T01:30:00.000Z')
    expect(fromField('2026-11-27T00:10')).toBe('2026-11-26T16:10:00.000Z')
  })
})
