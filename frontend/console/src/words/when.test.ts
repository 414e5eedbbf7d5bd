import { describe, expect, it } from 'vitest'
import { whenInWords } from './when'

describe('a moment in words', () => {
  const now = new Date('2026-12-28T02:00:00Z')
  it('has its hour unless it lies in another year that is over', () => {
    expect(whenInWords('2026-12-28T01:30:00Z', now)).toBe('今天 09:30')
    expect(whenInWords('2026-11-03T00:00:00Z', now)).toBe('11月3日 08:00')
    expect(whenInWords('2025-12-01T00:00:00Z', now)).toBe('2025年12月1日')
    expect(whenInWords('2027-01-05T01:00:00Z', now)).toBe('2027年1月5日 09:00')
  })
})
