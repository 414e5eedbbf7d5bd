import { describe, expect, it } from 'vitest'
import { grouped } from './days'
import { notice } from './samples'

describe('the list of notices', () => {
  it('has the unread first, urgent ones before others, then the days, newest first', () => {
    const rows = [
      notice({ id: 1, created_at: '2026-05-06T10:00:00Z', seen: true }),
      notice({ id: 2, created_at: '2026-05-08T10:00:00Z', seen: true }),
      notice({ id: 3, created_at: '2026-05-08T12:00:00+00:00', seen: true }),
      notice({ id: 4, created_at: '2026-05-05T10:00:00Z', urgency: 'normal' }),
      notice({ id: 5, created_at: '2026-05-04T10:00:00Z', urgency: 'urgent' }),
    ]
    const groups = grouped(rows, new Set([4, 5]))
    expect(groups.map((group) => group.rows.map((row) => row.id))).toEqual([[5, 4], [3, 2], [1]])
    expect(groups[0].key).toBe('unread')
  })
})
