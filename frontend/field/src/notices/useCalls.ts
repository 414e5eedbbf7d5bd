/** The calls that ring now, followed live, and those put off for a while. */
import { computed, effectScope, ref } from 'vue'
import { live } from '@/store/live'
import { presentMoment } from '@shared/time/countdown'
import { ringing, type Known } from './calls'

const SNOOZE = 3 * 60_000

const nothing: Known = { notices: [], tasks: new Map(), checks: new Map(), syncedAt: null }

/** Notice → until when it is silent, in milliseconds; after a restart of the app everything rings again. */
const snoozed = ref(new Map<number, number>())

let shared: ReturnType<typeof follow> | undefined

/** Followed once, for the card and the bar alike. */
export const useCalls = () => (shared ??= effectScope(true).run(follow)!)

function follow() {
  const now = presentMoment()
  const known = live<Known>(async ({ db }) => {
    const [notices, tasks, checks, at] = await Promise.all([
      db.notices.toArray(),
      db.tasks.toArray(),
      db.field_checks.toArray(),
      db.kept.get('at'),
    ])
    return {
      notices,
      tasks: new Map(tasks.map((one) => [one.id, one])),
      checks: new Map(checks.map((one) => [one.id, one])),
      syncedAt: (at?.value as string | undefined) ?? null,
    }
  }, nothing)
  const all = computed(() => ringing(known.value, now.value))
  const loud = computed(() => all.value.filter((one) => (snoozed.value.get(one.notice.id) ?? 0) <= now.value))
  /** Silent for three minutes; what it calls to goes on counting. */
  const snooze = (id: number) => {
    snoozed.value = new Map(snoozed.value).set(id, Date.now() + SNOOZE)
  }
  const wake = () => (snoozed.value = new Map())
  return { known, all, loud, snooze, wake }
}
