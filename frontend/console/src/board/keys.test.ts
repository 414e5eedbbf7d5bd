import { beforeEach, expect, test, vi } from 'vitest'
import { handle } from './keys'

const act = vi.fn()
beforeEach(() => act.mockReset())

function press(key: string, on: HTMLElement = document.body, how: KeyboardEventInit = {}, blocked = false) {
  document.body.append(on === document.body ? '' : on)
  on.addEventListener('keydown', (event) => handle({ a: act, Enter: act }, event, blocked), { once: true })
  on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...how }))
}

test('a key acts, also as a capital', () => {
  press('a')
  press('A')
  expect(act).toHaveBeenCalledTimes(2)
})

test('who types a word accepts nothing', () => {
  press('a', document.createElement('textarea'))
  press('a', document.createElement('input'))
  const box = document.createElement('div')
  box.setAttribute('role', 'dialog')
  press('a', box)
  press('a', document.body, {}, true)
  expect(act).not.toHaveBeenCalled()
})

test('keys with Ctrl stay the browser’s, and so does typing Chinese', () => {
  press('a', document.body, { ctrlKey: true })
  press('a', document.body, { isComposing: true })
  expect(act).not.toHaveBeenCalled()
})

test('a box ticked by hand does not take the keys', () => {
  const box = document.createElement('input')
  box.type = 'checkbox'
  press('a', box)
  expect(act).toHaveBeenCalledOnce()
})

test('Enter on a button is the button’s', () => {
  press('Enter', document.createElement('button'))
  expect(act).not.toHaveBeenCalled()
  press('Enter')
  expect(act).toHaveBeenCalledOnce()
})
