/**
 * The socket to the server, as a loop that never gives up: auth → ready → notifications, each stored before it is
 * acknowledged. A notice that comes again was not acknowledged in time and is acknowledged again. A socket that died
 * unseen is noticed by a ping without a pong.
 */
/** A notice as the socket brings it; what else it says is for who shows it. */
export interface Item {
  id: number
}

/** What the link needs of the world; the tests give it another one. */
export interface Around<Came extends Item = Item> {
  open(): WebSocket
  /** Null where the browser's session says who it is. */
  token: string | null
  random(): number
  /** Stores what came; only when it resolves are they acknowledged. */
  store(items: Came[]): Promise<void>
  acked(ids: number[]): Promise<void>
  /** The token is no longer good. */
  expired(): void
  /** Whether notices come by this socket now. */
  up(is: boolean): void
  /** Which reports have changed; null: any may have. Who takes this is told of them from `ready` on. */
  changed?(reports: string[] | null): void
}

export const PING_EVERY = 20_000
export const PONG_WITHIN = 10_000
export const READY_WITHIN = 15_000
const PAUSE_FIRST = 1_000
const PAUSE_MOST = 60_000
const PAUSE_RESTART = 8_000
const PAUSE_TOO_MANY = 300_000

const UNAUTHENTICATED = 4401
const TOO_MANY_SOCKETS = 4429
const BAD_MESSAGES = 4400
const SERVICE_RESTART = 1012

type Timer = ReturnType<typeof setTimeout>

export class NoticeLink<Came extends Item = Item> {
  private socket: WebSocket | null = null
  private ready = false
  private stopped = false
  private pause = PAUSE_FIRST
  private retryTimer: Timer | undefined
  private pingTimer: Timer | undefined
  private deadTimer: Timer | undefined
  /** Frames are taken one after the other, so that nothing is acknowledged before it is stored. */
  private work = Promise.resolve()

  constructor(private readonly around: Around<Came>) {}

  start(): void {
    if (this.stopped || this.socket) return
    clearTimeout(this.retryTimer)
    let socket: WebSocket
    try {
      socket = this.around.open()
    } catch {
      this.retryIn(this.backOff())
      return
    }
    this.socket = socket
    this.expectWithin(READY_WITHIN)
    socket.onopen = () => {
      if (this.around.token) this.say({ type: 'auth', token: this.around.token })
    }
    socket.onmessage = (event) => this.socket === socket && this.heard(socket, event.data)
    socket.onclose = (event) => this.socket === socket && this.closed(event.code)
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.retryTimer)
    this.drop()
  }

  /** Signal has come back or the person looks: go at once, or make sure that the socket still lives. */
  nudge(): void {
    if (this.stopped) return
    if (!this.socket) {
      this.pause = PAUSE_FIRST
      this.start()
    } else if (this.ready) this.ping()
  }

  private say(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  private heard(socket: WebSocket, data: unknown): void {
    let message: { type?: string; items?: Came[]; ids?: number[]; reports?: string[] | null }
    try {
      message = JSON.parse(String(data))
    } catch {
      return
    }
    if (message.type === 'ready') {
      this.ready = true
      this.pause = PAUSE_FIRST
      if (this.around.changed) this.say({ type: 'watch' })
      this.around.up(true)
    }
    if (this.ready) this.pingLater()
    if (message.type === 'notifications' && message.items?.length) this.take(socket, message.items)
    else if (message.type === 'acked' && message.ids?.length) this.after(() => this.around.acked(message.ids!))
    else if (message.type === 'changed') this.around.changed?.(message.reports ?? null)
  }

  private take(socket: WebSocket, items: Came[]): void {
    this.after(async () => {
      await this.around.store(items)
      if (this.socket === socket) this.say({ type: 'ack', ids: items.map((item) => item.id) })
    })
  }

  /** What cannot be stored is not acknowledged: it comes again. */
  private after(job: () => Promise<void>): void {
    this.work = this.work.then(job).catch((fault) => console.error(fault))
  }

  private ping(): void {
    clearTimeout(this.pingTimer)
    this.say({ type: 'ping' })
    this.expectWithin(PONG_WITHIN)
  }

  private pingLater(): void {
    clearTimeout(this.deadTimer)
    clearTimeout(this.pingTimer)
    this.pingTimer = setTimeout(() => this.ping(), PING_EVERY)
  }

  private expectWithin(time: number): void {
    clearTimeout(this.deadTimer)
    this.deadTimer = setTimeout(() => this.closed(0), time)
  }

  private closed(code: number): void {
    this.drop()
    if (this.stopped) return
    if (code === UNAUTHENTICATED) {
      this.stopped = true
      this.around.expired()
    } else if (code === TOO_MANY_SOCKETS) this.retryIn(PAUSE_TOO_MANY * (0.75 + this.around.random() / 2))
    else if (code === BAD_MESSAGES) this.retryIn(PAUSE_MOST)
    else if (code === SERVICE_RESTART) this.retryIn(PAUSE_FIRST + this.around.random() * PAUSE_RESTART)
    else this.retryIn(this.backOff())
  }

  private backOff(): number {
    const most = this.pause
    this.pause = Math.min(2 * most, PAUSE_MOST)
    return most * (0.5 + this.around.random() / 2)
  }

  private retryIn(time: number): void {
    clearTimeout(this.retryTimer)
    this.retryTimer = setTimeout(() => this.start(), time)
  }

  private drop(): void {
    clearTimeout(this.pingTimer)
    clearTimeout(this.deadTimer)
    const socket = this.socket
    this.socket = null
    if (this.ready) this.around.up(false)
    this.ready = false
    try {
      socket?.close()
    } catch {
      // It was never open.
    }
  }
}
