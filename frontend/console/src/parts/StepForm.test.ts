import { describe, expect, it } from 'vitest'
import { faultBeside } from './StepForm'

describe('what stands beside the fields of a form', () => {
  const errors = { note: '请填写', limit: '写法不对' }
  it('is the sentence of the refusal when no field is at fault', () => {
    expect(faultBeside('事项已结案', {}, ['note'])).toBe('事项已结案')
  })
  it('is nothing when the fields say it all', () => {
    expect(faultBeside('请填写', errors, ['note', 'limit'])).toBe('')
  })
  it('is what the form has no field for, and nothing twice', () => {
    expect(faultBeside('请填写', errors, ['note'])).toBe('写法不对')
    expect(faultBeside('写法不对', { limit: '写法不对' })).toBe('写法不对')
    expect(faultBeside('有误', errors)).toBe('有误 请填写 写法不对')
  })
})
