/** How things look on the map: drawn in HTML, so that no picture has to be had and text enlarges with the rest. */
import { divIcon, type DivIcon } from 'leaflet'
import { inkOn } from '@/visits/colours'
import { REACH, type Gathered } from './gathering'

/** Names are put in as text, never as HTML. */
function element(name: string, text = ''): HTMLElement {
  const made = document.createElement('span')
  made.className = name
  made.textContent = text
  return made
}

/** `label` is read out. A circle is a home, a square a report, a small one a report beside homes. */
export function signOf({ worst, beside, count }: Gathered, label: string): DivIcon {
  const shape = element(`sign ${worst.kind}`)
  shape.style.background = worst.colour
  shape.style.color = inkOn(worst.colour)
  shape.append(element('letter', worst.sign))
  if (count > 1) shape.append(element('count', String(count)))
  if (beside) {
    const report = element('beside', beside.sign)
    report.style.background = beside.colour
    report.style.color = inkOn(beside.colour)
    shape.append(report)
  }
  shape.setAttribute('aria-hidden', 'true')
  const html = element('spot')
  html.append(shape, element('spoken', label))
  return divIcon({ html, className: '', iconSize: [REACH, REACH] })
}

export function pinSign(label: string): DivIcon {
  const html = element('pin')
  html.append(element('spoken', label))
  return divIcon({ html, className: '', iconSize: [REACH, REACH], iconAnchor: [REACH / 2, REACH] })
}

export const ownSign = () => divIcon({ html: element('own'), className: '', iconSize: [20, 20] })
