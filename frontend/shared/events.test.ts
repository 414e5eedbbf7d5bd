import { expect, it } from 'vitest'
import { isAbout, whoDid } from './events'

const unit = { code: 'SWJT', name: '水务集团' }
const step = (kind: string) => ({ kind, unit, role: '街道调度', actor: { username: 'tang', name: '唐成山' } })

it('says of a rating that the street gave it, and of a result that the unit did', () => {
  expect(isAbout(step('rate'))).toBe(true)
  expect(whoDid(step('rate'), '系统')).toBe('街道调度 · 唐成山')
  expect(whoDid(step('submit'), '系统')).toBe('水务集团 · 唐成山')
})

it('names the system where nobody acted', () => {
  expect(whoDid({ ...step('no_show'), role: '', actor: null }, '系统')).toBe('系统')
})
