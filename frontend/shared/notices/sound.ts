/** The ring of a whistle: two tones by WebAudio, so that it needs no file and rings without signal. */

const EVERY = 3_500
const TONES = [988, 740, 988, 740]
const TONE_SECONDS = 0.28
const LOUD = 0.4
const SHAKE = [400, 150, 400, 150, 400]

let audio: AudioContext | null = null
let ringer: ReturnType<typeof setInterval> | undefined

/** Browsers let a page sound only after a touch; the first one anywhere unlocks it. */
export function unlockSound(): void {
  const Context = window.AudioContext ?? (window as { webkitAudioContext?: typeof AudioContext }).webkitAudioContext
  if (!Context) return
  const touched = () => {
    audio ??= new Context()
    if (audio.state !== 'running') void audio.resume().catch(() => {})
  }
  for (const kind of ['pointerdown', 'touchend', 'keydown']) window.addEventListener(kind, touched, { passive: true })
}

/** Rings until `stopRinging`. */
export function startRinging(): void {
  if (ringer) return
  ringOnce()
  ringer = setInterval(ringOnce, EVERY)
}

export function stopRinging(): void {
  if (!ringer) return
  clearInterval(ringer)
  ringer = undefined
  shake(0)
}

export function ringOnce(): void {
  shake(SHAKE)
  if (audio?.state !== 'running') return
  TONES.forEach((hertz, place) => tone(audio!, hertz, audio!.currentTime + place * TONE_SECONDS))
}

/** Before the first touch the browser would only complain. */
function shake(pattern: VibratePattern): void {
  if (navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(pattern)
}

function tone(on: AudioContext, hertz: number, at: number): void {
  const pitch = on.createOscillator()
  const volume = on.createGain()
  pitch.type = 'square'
  pitch.frequency.value = hertz
  volume.gain.setValueAtTime(0, at)
  volume.gain.linearRampToValueAtTime(LOUD, at + 0.02)
  volume.gain.setValueAtTime(LOUD, at + TONE_SECONDS - 0.04)
  volume.gain.linearRampToValueAtTime(0, at + TONE_SECONDS)
  pitch.connect(volume).connect(on.destination)
  pitch.start(at)
  pitch.stop(at + TONE_SECONDS)
}
