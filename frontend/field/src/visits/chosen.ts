/** How the list of visits was left, for coming back to it from a household. */
import { reactive, watch } from 'vue'
import { person } from '@/store/session'

export const VIEWS = ['day', 'building', 'nearest'] as const
export type View = (typeof VIEWS)[number]

const fresh = () => ({
  view: 'day' as View,
  /** Code of a level; `none`: households without one; empty: all. */
  colour: '',
  opened: [] as string[],
  scroll: 0,
})

export const chosen = reactive(fresh())

watch(
  () => person.value?.session.username,
  () => Object.assign(chosen, fresh()),
)

/** What a link asks for: `?colour=red`, `?view=building&building=<id>`. */
export function choose(query: Record<string, unknown>): void {
  const { colour, building } = query
  const view = VIEWS.find((one) => one === query.view)
  if (view) chosen.view = view
  if (typeof colour === 'string') chosen.colour = colour
  if (typeof building === 'string') Object.assign(chosen, { view: 'building', colour: '', opened: [building] })
}
