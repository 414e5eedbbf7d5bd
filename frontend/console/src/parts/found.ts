/** Something found by its name. */
export interface Found {
  code: string
  name: string
  /** What tells it from others of the same name. */
  hint?: string
}
