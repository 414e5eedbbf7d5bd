/** A query that follows the database: Dexie's liveQuery as a ref. */
import { liveQuery } from 'dexie'
import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import type { Schemas } from '@shared/api/client'
import { person, type Person } from './session'

/** `ask` is run again whenever rows it read change, also in another tab, and when another person logs in. */
export function live<T>(ask: (of: Person) => Promise<T>, before: T, also: Ref<unknown>[] = []): Ref<T> {
  const answer = shallowRef(before) as Ref<T>
  let stop = () => {}
  watch(
    [person, ...also],
    () => {
      stop()
      const of = person.value
      if (!of) {
        answer.value = before
        return
      }
      const following = liveQuery(() => ask(of)).subscribe({
        next: (value) => (answer.value = value),
        error: (fault) => console.error(fault),
      })
      stop = () => following.unsubscribe()
    },
    { immediate: true },
  )
  onScopeDispose(() => stop())
  return answer
}

type Given = Pick<Schemas['SyncOut'], 'me' | 'map' | 'limits'>

/** What the server gave beside the rows; undefined until it is read or was given. */
export const given = <Key extends keyof Given>(key: Key) =>
  live(async ({ db }) => (await db.kept.get(key))?.value as Given[Key] | undefined, undefined)
