import { beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { db, signIn } from '@/store/session'
import { isQueued, keptForm } from './draft'

interface Form {
  id: string
  text: string
  list: string[]
}
const blank = (): Form => ({ id: crypto.randomUUID(), text: '', list: [] })
const open = (isDone?: (form: Form) => Promise<boolean>) => keptForm('report', blank, (form) => !form.text, isDone)
const stored = async () => (await db().drafts.get('report'))?.form as Form | undefined

beforeEach(async () => {
  await signIn('worker', '吴桂英', 'token')
  await db().drafts.clear()
})

it('what is typed is there again after the page was killed, with the same id', async () => {
  const first = open()
  await first.ready
  first.form.value.text = '井'
  first.form.value.text = '井盖'
  first.form.value.list.push('a')
  await vi.waitFor(async () => expect(await stored()).toMatchObject({ text: '井盖', list: ['a'] }))
  const second = open()
  await second.ready
  expect(second.restored.value).toBe(true)
  expect(second.form.value).toEqual(first.form.value)
})

it('an untouched form is no draft, and an emptied one is none any more', async () => {
  const one = open()
  await one.ready
  one.form.value.list.push('place')
  one.form.value.text = 'a'
  await vi.waitFor(async () => expect(await stored()).toBeDefined())
  const { id } = one.form.value
  await one.clear()
  expect(await stored()).toBeUndefined()
  expect(one.form.value.text).toBe('')
  expect(one.form.value.id).not.toBe(id)
})

it('a draft that was sent is not shown again', async () => {
  const one = open()
  await one.ready
  one.form.value.text = 'sent'
  await vi.waitFor(async () => expect(await stored()).toBeDefined())
  await db().queue.put({ id: one.form.value.id, seq: 1 } as never)
  const next = open(isQueued)
  await next.ready
  expect(next.restored.value).toBe(false)
  expect(next.form.value.text).toBe('')
  expect(await stored()).toBeUndefined()
})

it('a full storage is said, loses nothing on the page, and is over when there is room', async () => {
  const one = open()
  await one.ready
  const put = vi.spyOn(db().drafts, 'put').mockRejectedValue(Object.assign(new Error(), { name: 'QuotaExceededError' }))
  // The form holds the table it was opened with.
  one.form.value.text = 'a'
  await vi.waitFor(() => expect(one.unkept.value).toBe(true))
  expect(one.form.value.text).toBe('a')
  put.mockRestore()
  one.form.value.text = 'ab'
  await vi.waitFor(() => expect(one.unkept.value).toBe(false))
  await nextTick()
  expect(await stored()).toMatchObject({ text: 'ab' })
})
