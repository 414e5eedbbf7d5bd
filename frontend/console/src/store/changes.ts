/**
 * Everything on screen is live: the socket says which reports have changed, and whoever shows them asks again. After a
 * cut everything shown is asked for again, so nothing can be missing or doubled.
 */
import { onScopeDispose, ref } from 'vue'

/** Ids of reports that changed; null: any may have. */
export type Changed = Set<string> | null
type Hear = (changed: Changed) => void

const hearers = new Set<Hear>()

/** Whether the socket is up; while it is not, pages ask by themselves. */
export const connected = ref(false)
export const lastContact = ref<Date | null>(null)

export function tell(changed: Changed): void {
  lastContact.value = new Date()
  for (const hear of [...hearers]) hear(changed)
}

/** Until the page is left. */
export function onChange(hear: Hear): void {
  hearers.add(hear)
  onScopeDispose(() => hearers.delete(hear))
}
