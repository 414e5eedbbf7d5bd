/** What this phone is called in the list of devices: its model where the browser tells, else its system. */
export function deviceName(agent = navigator.userAgent): string {
  const model = /Android [^;)]*;\s*([^;)]+?)(?:\s+Build|[;)])/.exec(agent)?.[1]
  const system = /iPhone|iPad|Android|HarmonyOS|Windows|Macintosh|Linux/.exec(agent)?.[0] ?? ''
  const browser = /MicroMessenger|HuaweiBrowser|MiuiBrowser|EdgA?|Firefox|Chrome|Safari/.exec(agent)?.[0] ?? ''
  return [model && model !== 'K' ? model : system, browser].filter(Boolean).join(' ').slice(0, 80)
}
