/** A stored picture as a form names it; its bytes lie in `pictures`. */
export interface ChosenPicture {
  sha256: string
  size: number
  kind: string
}

/** What the next picture probably shows: the first kind that has none yet, else the first. */
export function nextKind(pictures: readonly ChosenPicture[], kinds: readonly string[]): string {
  return kinds.find((kind) => !pictures.some((one) => one.kind === kind)) ?? kinds[0]
}
