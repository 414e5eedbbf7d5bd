/**
 * The keyboard's place is kept: when what had the focus is gone or can no longer be used, as a button whose step is
 * taken, what stood around it has it, so that the next key goes on from there. Behind a dialog that is the place it was
 * opened from.
 */
export const DIALOG = '[role="dialog"], dialog'
/** What had the focus last and all that it stood in, from the inside out. */
let trail: HTMLElement[] = []
let waits = false

const stands = (one: HTMLElement) => one.isConnected && one.getClientRects().length > 0 && !one.matches(':disabled')

function heldBy(one: HTMLElement): HTMLElement[] {
  const held: HTMLElement[] = []
  // The app's own element stands whatever happens, and says nothing of where one was.
  for (let at: HTMLElement | null = one; at && at.parentElement !== document.body; at = at.parentElement) held.push(at)
  return held
}

function noted({ target }: FocusEvent): void {
  if (!(target instanceof HTMLElement)) return
  const dialog = target.closest(DIALOG)
  const behind = dialog ? trail.filter((one) => !dialog.contains(one)) : []
  trail = [...heldBy(target), ...behind]
}

function look(): void {
  waits = false
  if (document.activeElement !== document.body || !trail.length) return
  // Left on purpose, as by Esc in a search.
  if (stands(trail[0])) return void (trail = [])
  const place = trail.find(stands) ?? document.querySelector('main')
  if (!place) return
  if (place.tabIndex < 0) place.tabIndex = -1
  place.focus({ preventScroll: true })
}

/** After the browser has seen what it can no longer leave the focus on. */
function soon(): void {
  if (waits || !trail.length) return
  waits = true
  requestAnimationFrame(() => setTimeout(look))
}

export function keepFocus(): void {
  document.addEventListener('focusin', noted)
  document.addEventListener('focusout', soon)
  const changes = { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled', 'style', 'class'] }
  new MutationObserver(soon).observe(document.body, changes)
}
