import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import { Refused, Unreachable } from '@shared/api/client'
import { answer, forgetOldAnswers, type Answer } from './answers'
import { device, PersonDb } from './db'
import { person, signIn, signOut } from './session'

let scope: EffectScope

beforeEach(async () => {
  scope = effectScope()
  await signIn('answers-test', '吴桂英', 'token')
})
afterEach(async () => {
  scope.stop()
  await signOut()
  await new PersonDb('answers-test').delete()
  await device.sessions.clear()
})

const asked = <T>(fetch: () => Promise<T>, key = 'report:1') => scope.run(() => answer<T>(key, fetch))!
const settled = (one: Answer<unknown>, state: string) => vi.waitFor(() => expect(one.state.value).toBe(state))
const noSignal = () => Promise.reject(new Unreachable())
const refusing = (status: number) => () => Promise.reject(new Refused({ code: 'x', title: 'x', status }))

describe('an answer had online', () => {
  it('is kept, and shown with its time where there is no signal', async () => {
    const online = asked(async () => ({ status: 'closed' }))
    await settled(online, 'fresh')
    const offline = asked<{ status: string }>(noSignal)
    await settled(offline, 'kept')
    expect(offline.data.value).toEqual({ status: 'closed' })
    expect(offline.at.value).toBe(online.at.value)
  })

  it('is missing where it was never had', async () => {
    const never = asked(noSignal)
    await settled(never, 'missing')
    expect(never.data.value).toBeNull()
  })

  it('is gone, here too, when the server says that there is no such thing for the person', async () => {
    await settled(
      asked(async () => 1),
      'fresh',
    )
    const gone = asked(refusing(404))
    await settled(gone, 'gone')
    expect(gone.data.value).toBeNull()
    expect(await person.value!.db.answers.count()).toBe(0)
  })

  it('stays kept through any other refusal', async () => {
    await settled(
      asked(async () => 1),
      'fresh',
    )
    const refused = asked<number>(refusing(401))
    await settled(refused, 'kept')
    expect(refused.data.value).toBe(1)
  })

  it('is asked for again when the signal comes back', async () => {
    let signal = false
    const one = asked(async () => (signal ? 'there' : noSignal()))
    await settled(one, 'missing')
    signal = true
    dispatchEvent(new Event('online'))
    await settled(one, 'fresh')
    expect(one.data.value).toBe('there')
  })

  it('asks no more once the page is left', async () => {
    const fetch = vi.fn(async () => 1)
    await settled(asked(fetch), 'fresh')
    scope.stop()
    dispatchEvent(new Event('online'))
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it('is let go of after a month', async () => {
    const old = new Date(Date.now() - 31 * 86_400_000).toISOString()
    await person.value!.db.answers.bulkPut([
      { key: 'old', value: { at: old, data: 1 } },
      { key: 'new', value: { at: new Date().toISOString(), data: 1 } },
    ])
    await forgetOldAnswers()
    expect(await person.value!.db.answers.toCollection().primaryKeys()).toEqual(['new'])
  })
})
