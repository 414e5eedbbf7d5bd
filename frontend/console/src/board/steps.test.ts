import { describe, expect, it } from 'vitest'
import type { Schemas } from '@shared/api/client'
import { useRowSteps } from './steps'

const report = (whistles: unknown[]) => ({ number: '7', whistles }) as unknown as Schemas['ReportDetail']

describe('what is said of a whistle that was sent', () => {
  it.each([
    ['draft', '已存为草稿 7'],
    ['pending', '已提交审批 7'],
    ['blown', '已吹哨 7'],
  ])('is true of one that is %s', (status, said) => {
    const { told, done } = useRowSteps(() => {})
    const older = { id: 1, status: 'closed' }
    done('whistle', report([{ id: 2, status }, older]))
    expect(told.value).toEqual({ good: true, text: said })
  })
})
