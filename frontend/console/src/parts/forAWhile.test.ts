import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { useForAWhile } from './forAWhile'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('is gone after a minute of the last look, and at once where it is hidden or the page is left', () => {
  const scope = effectScope()
  const { full, show, hide } = scope.run(() => useForAWhile<string>())!
  show('13812345678')
  vi.advanceTimersByTime(40_000)
  show('13912345678')
  vi.advanceTimersByTime(59_000)
  expect(full.value).toBe('13912345678')
  vi.advanceTimersByTime(1_000)
  expect(full.value).toBeNull()
  show('13812345678')
  hide()
  expect(full.value).toBeNull()
  show('13812345678')
  scope.stop()
  expect(full.value).toBeNull()
})
