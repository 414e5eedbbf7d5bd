/**
 * Answers that are only to be had online, kept for when there is no signal: a report's detail, the visits to a household.
 */
import { onScopeDispose, ref, shallowRef, type Ref } from 'vue'
import { Refused } from '@shared/api/client'
import { person } from './session'

export interface Answer<T> {
  data: Ref<T | null>
  /** When the server said so, ISO 8601. */
  at: Ref<string | null>
  /** missing: nothing is kept and the server cannot be asked · gone: the server says that there is no such thing. */
  state: Ref<'loading' | 'fresh' | 'kept' | 'missing' | 'gone'>
  ask: () => Promise<void>
}

interface KeptAnswer<T> {
  at: string
  data: T
}

const FORGET_AFTER_DAYS = 30

/** Shows what is kept at once, then what the server says; asked again when the signal comes back. */
export function answer<T>(key: string, fetch: () => Promise<T>): Answer<T> {
  const data = shallowRef<T | null>(null) as Ref<T | null>
  const at = ref<string | null>(null)
  const state = ref<'loading' | 'fresh' | 'kept' | 'missing' | 'gone'>('loading')
  const own = person.value?.db

  async function ask(): Promise<void> {
    if (!own) return
    try {
      const said = await fetch()
      const now = new Date().toISOString()
      data.value = said
      at.value = now
      state.value = 'fresh'
      await own.answers.put({ key, value: { at: now, data: said } satisfies KeptAnswer<T> })
    } catch (fault) {
      const gone = fault instanceof Refused && [403, 404].includes(fault.problem.status)
      if (gone) {
        data.value = null
        state.value = 'gone'
        await own.answers.delete(key)
      } else if (state.value !== 'fresh') state.value = data.value === null ? 'missing' : 'kept'
    }
  }

  async function begin(): Promise<void> {
    const kept = (await own?.answers.get(key))?.value as KeptAnswer<T> | undefined
    if (kept && data.value === null) {
      data.value = kept.data
      at.value = kept.at
      state.value = 'kept'
    }
    await ask()
  }

  const again = () => void ask()
  addEventListener('online', again)
  onScopeDispose(() => removeEventListener('online', again))
  void begin()
  return { data, at, state, ask }
}

/** Lets go of what nobody has looked at for a month. */
export async function forgetOldAnswers(): Promise<void> {
  const before = new Date(Date.now() - FORGET_AFTER_DAYS * 86_400_000).toISOString()
  await person.value?.db.answers.filter((kept) => (kept.value as KeptAnswer<unknown>).at < before).delete()
}
