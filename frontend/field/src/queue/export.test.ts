import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { PersonDb } from '@/store/db'
import { person, signIn, signOut } from '@/store/session'
import { enqueue, exportQueue } from '.'
import { queueFile } from './export'
import { aPicture, handedIn } from './fixtures'

beforeEach(async () => {
  await signIn('sun', '孙建国', 'token-of-sun')
  const { db } = person.value!
  await db.pictures.bulkPut(['p0', 'q0', 'r0'].map(aPicture))
  await enqueue(handedIn({ id: 'a', pictures: ['p0', 'q0'] }))
  await enqueue(handedIn({ id: 'b', pictures: ['q0', 'gone'] }))
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await person.value!.db.queue.clear()
  await signOut()
  await new PersonDb('sun').delete()
})

it('the file holds every request and each picture once, as it will be sent', async () => {
  const file = await queueFile()
  expect(file.name).toMatch(/^gridwhistle-sun-\d{4}-\d\d-\d\d\.json$/)
  const said = JSON.parse(await file.text())
  expect(said).toMatchObject({ format: 'gridwhistle-queue-1', username: 'sun' })
  expect(said.entries).toMatchObject([
    { id: 'a', method: 'PUT', path: 'reports/a', body: { description: '塑料瓶成堆' } },
    { id: 'b' },
  ])
  expect(said.pictures.map((one: { sha256: string; jpeg: string }) => [one.sha256, atob(one.jpeg)])).toEqual([
    ['p0', 'p0'],
    ['q0', 'q0'],
  ])
  // Nothing in it lets anybody act in the person's name.
  expect(await file.text()).not.toContain('token-of-sun')
})

it('the file is shared where the phone can, and saved where it cannot', async () => {
  const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {})
  const share = vi.fn().mockResolvedValue(undefined)
  vi.stubGlobal('navigator', Object.assign(Object.create(navigator), { canShare: () => true, share }))
  await exportQueue()
  expect(share.mock.calls[0]![0].files).toHaveLength(1)
  expect(click).not.toHaveBeenCalled()
  share.mockRejectedValueOnce(new DOMException('', 'AbortError'))
  await exportQueue()
  expect(click).not.toHaveBeenCalled()
  share.mockRejectedValueOnce(new DOMException('', 'NotAllowedError'))
  await exportQueue()
  expect(click).toHaveBeenCalledOnce()
  click.mockRestore()
})
