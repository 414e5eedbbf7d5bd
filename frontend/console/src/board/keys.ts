/** The keys of the board; typing in a field or a dialog keeps them to itself. */
import { onBeforeUnmount, onMounted } from 'vue'
import { DIALOG } from '@/parts/focus'

export type Keys = Partial<Record<string, () => void>>

/** Whether a key pressed there is meant for what has the focus. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.closest(`${DIALOG}, [role="menu"], [contenteditable="true"]`)) return true
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button'].includes(target.type)
  return ['TEXTAREA', 'SELECT'].includes(target.tagName)
}

const dialogOpen = () => [...document.querySelectorAll(DIALOG)].some((one) => one.getClientRects().length > 0)

export function handle(keys: Keys, event: KeyboardEvent, blocked = false): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
  if (blocked || isTyping(event.target)) return
  const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key]
  if (!act) return
  // Enter on a button or a link is that button's.
  if (event.key === 'Enter' && event.target instanceof HTMLElement && event.target.closest('button, a, summary')) return
  event.preventDefault()
  act()
}

export function useKeys(keys: Keys): void {
  const hear = (event: KeyboardEvent) => handle(keys, event, dialogOpen())
  onMounted(() => document.addEventListener('keydown', hear))
  onBeforeUnmount(() => document.removeEventListener('keydown', hear))
}
