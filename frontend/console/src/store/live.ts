/** One answer of the server that is kept as it is there: asked again when something it may rest on has changed. */
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { Refused } from '@shared/api/client'
import { onChange, type Changed } from './changes'

/** At most one question a second, however many changes come. */
const PAUSE = 1000
/** Without a socket, and for what no bell announces, such as a light that turns red. */
const AT_LATEST = 60_000

export type LiveState = 'loading' | 'ready' | 'stale' | 'refused'

export interface Live<T> {
  data: Ref<T | null>
  state: Ref<LiveState>
  problem: Ref<string>
  ask: () => Promise<void>
}

/**
 * `load` is asked at once, when `on` changes, after `PAUSE` when `concerns` says that a change matters, and now and
 * then. A failed question leaves what is shown and marks it stale.
 */
export function useLive<T>(
  load: () => Promise<T>,
  on: Ref<unknown>[] = [],
  concerns: (changed: Set<string>) => boolean = () => true,
): Live<T> {
  const data = shallowRef<T | null>(null) as Ref<T | null>
  const state = ref<LiveState>('loading')
  const problem = ref('')
  let asked = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let last = 0

  async function ask(): Promise<void> {
    clearTimeout(timer)
    last = Date.now()
    const mine = ++asked
    try {
      const answer = await load()
      if (mine !== asked) return
      data.value = answer
      state.value = 'ready'
      problem.value = ''
    } catch (fault) {
      if (mine !== asked) return
      const refused = fault instanceof Refused
      state.value = refused && data.value === null ? 'refused' : data.value === null ? 'loading' : 'stale'
      problem.value = refused ? fault.problem.title : ''
    }
    plan(AT_LATEST)
  }

  function plan(pause: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => (document.hidden ? plan(AT_LATEST) : void ask()), pause)
  }

  onChange((changed: Changed) => {
    if (changed === null || concerns(changed)) plan(Math.max(0, PAUSE - (Date.now() - last)))
  })
  // What is shown belongs to what was asked for before.
  watch(on, () => {
    data.value = null
    state.value = 'loading'
    void ask()
  })
  onScopeDispose(() => {
    asked += 1
    clearTimeout(timer)
  })
  void ask()
  return { data, state, problem, ask }
}
