import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Refused, Unreachable } from '@shared/api/client'
import { device, PersonDb } from '@/store/db'
import { person, signIn, signOut } from '@/store/session'
import { outOfReach, syncing, syncNow } from './index'
import { pull } from './pull'

vi.mock('./pull', () => ({ pull: vi.fn() }))
const pulled = vi.mocked(pull)

beforeEach(async () => {
  pulled.mockReset().mockResolvedValue()
  await signIn('sync-test', '吴桂英', 'token')
})
afterEach(async () => {
  await signOut()
  await new PersonDb('sync-test').delete()
  await device.sessions.clear()
})

describe('syncing', () => {
  it('answers many questions at a time with one more', async () => {
    let done = () => {}
    pulled.mockImplementationOnce(() => new Promise<void>((resolve) => (done = resolve)))
    const first = syncNow()
    for (let n = 0; n < 5; n++) void syncNow()
    await vi.waitFor(() => expect(pulled).toHaveBeenCalledTimes(1))
    expect(syncing.value).toBe(true)
    done()
    await first
    await vi.waitFor(() => expect(syncing.value).toBe(false))
    expect(pulled).toHaveBeenCalledTimes(2)
  })

  it('says when the server is out of reach, and when it is there again', async () => {
    pulled.mockRejectedValueOnce(new Unreachable())
    await syncNow()
    expect(outOfReach.value).toBe(true)
    await syncNow()
    expect(outOfReach.value).toBe(false)
  })

  it('ends the log-in whose token is refused, and asks no more until the next', async () => {
    pulled.mockRejectedValueOnce(new Refused({ code: 'not_authenticated', title: '请登录', status: 401 }))
    await syncNow()
    expect(person.value!.session).toMatchObject({ username: 'sync-test', token: null })
    await syncNow()
    expect(pulled).toHaveBeenCalledTimes(1)
  })

  it('leaves a log-in alone that came while the old token was refused', async () => {
    pulled.mockImplementationOnce(async () => {
      await signIn('sync-test', '吴桂英', 'new')
      throw new Refused({ code: 'not_authenticated', title: '请登录', status: 401 })
    })
    await syncNow()
    expect(person.value!.session.token).toBe('new')
  })
})
