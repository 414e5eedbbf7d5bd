/** What is shown in full for a minute: long enough to write it down, gone when the desk is left. */
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'

const SHOWN_MS = 60_000

export function useForAWhile<T>(): { full: ShallowRef<T | null>; show: (what: T) => void; hide: () => void } {
  const full = shallowRef<T | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined

  function hide(): void {
    clearTimeout(timer)
    full.value = null
  }
  function show(what: T): void {
    hide()
    full.value = what
    timer = setTimeout(hide, SHOWN_MS)
  }
  onScopeDispose(hide)
  return { full, show, hide }
}
