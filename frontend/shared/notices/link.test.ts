import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NoticeLink, PING_EVERY, PONG_WITHIN, READY_WITHIN, type Around } from './link'

class FakeSocket {
  static OPEN = 1
  readyState = 0
  sent: { type: string; ids?: number[]; token?: string }[] = []
  closed = false
  onopen?: () => void
  onmessage?: (event: { data: string }) => void
  onclose?: (event: { code: number }) => void
  send = (text: string) => this.sent.push(JSON.parse(text))
  close = () => (this.closed = true)
  opens() {
    this.readyState = 1
    this.onopen?.()
  }
  says(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
  shuts(code: number) {
    this.readyState = 3
    this.onclose?.({ code })
  }
  acks = () => this.sent.filter((message) => message.type === 'ack').map((message) => message.ids)
}

const sockets: FakeSocket[] = []
const latest = () => sockets[sockets.length - 1]
const did: string[] = []
let storing: Promise<void>
let link: NoticeLink
let around: Around

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeSocket)
  sockets.length = did.length = 0
  storing = Promise.resolve()
  around = {
    open: () => {
      sockets.push(new FakeSocket())
      return latest() as unknown as WebSocket
    },
    token: 'secret',
    random: () => 1,
    store: async (items) => {
      await storing
      did.push(`stored ${items.map((item) => item.id).join()}`)
    },
    acked: async (ids) => void did.push(`acked ${ids.join()}`),
    expired: () => void did.push('expired'),
    up: (is) => void did.push(is ? 'up' : 'down'),
  }
  link = new NoticeLink(around)
})

afterEach(() => {
  link.stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function connected() {
  link.start()
  latest().opens()
  latest().says({ type: 'ready' })
  return latest()
}

const settled = () => vi.advanceTimersByTimeAsync(0)

describe('the socket of notices', () => {
  it('says who it is before anything else, and never in the address', () => {
    expect(connected().sent).toEqual([{ type: 'auth', token: 'secret' }])
    expect(did).toEqual(['up'])
  })

  it('stores a notice before it acknowledges it', async () => {
    const socket = connected()
    let stored = () => {}
    storing = new Promise((resolve) => (stored = resolve))
    socket.says({ type: 'notifications', items: [{ id: 7 }, { id: 8 }] })
    await settled()
    expect(socket.acks()).toEqual([])
    stored()
    await settled()
    expect(did).toEqual(['up', 'stored 7,8'])
    expect(socket.acks()).toEqual([[7, 8]])
    socket.says({ type: 'acked', ids: [7, 8] })
    await settled()
    expect(did).toContain('acked 7,8')
  })

  it('acknowledges again what comes again', async () => {
    const socket = connected()
    socket.says({ type: 'notifications', items: [{ id: 7 }] })
    socket.says({ type: 'notifications', items: [{ id: 7 }] })
    await settled()
    expect(socket.acks()).toEqual([[7], [7]])
  })

  it('does not acknowledge what the phone has no room for', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const socket = connected()
    storing = Promise.reject(new Error('full'))
    socket.says({ type: 'notifications', items: [{ id: 7 }] })
    await settled()
    expect(socket.acks()).toEqual([])
    storing = Promise.resolve()
    socket.says({ type: 'notifications', items: [{ id: 7 }] })
    await settled()
    expect(socket.acks()).toEqual([[7]])
  })

  it('keeps a quiet socket that answers its pings', async () => {
    const socket = connected()
    for (let n = 0; n < 5; n++) {
      await vi.advanceTimersByTimeAsync(PING_EVERY)
      expect(socket.sent.filter((message) => message.type === 'ping')).toHaveLength(n + 1)
      socket.says({ type: 'pong' })
    }
    expect(sockets).toHaveLength(1)
  })

  it('notices a socket that died unseen within the time in which the server sends again', async () => {
    connected()
    await vi.advanceTimersByTimeAsync(PING_EVERY + PONG_WITHIN)
    expect(did).toEqual(['up', 'down'])
    expect(sockets[0].closed).toBe(true)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sockets).toHaveLength(2)
    expect(PING_EVERY + PONG_WITHIN).toBeLessThanOrEqual(30_000)
  })

  it('takes nothing from a socket it has given up', async () => {
    const old = connected()
    await vi.advanceTimersByTimeAsync(PING_EVERY + PONG_WITHIN)
    old.says({ type: 'notifications', items: [{ id: 7 }] })
    await settled()
    expect(did).not.toContain('stored 7')
  })

  it('gives up a server that accepts and never says that it is ready', async () => {
    link.start()
    latest().opens()
    await vi.advanceTimersByTimeAsync(READY_WITHIN + 1_000)
    expect(sockets).toHaveLength(2)
  })

  it('tries again with growing pauses, a minute at most, and at once when signal comes back', async () => {
    link.start()
    for (const pause of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      const before = sockets.length
      latest().shuts(1006)
      await vi.advanceTimersByTimeAsync(pause - 1)
      expect(sockets).toHaveLength(before)
      await vi.advanceTimersByTimeAsync(1)
      expect(sockets).toHaveLength(before + 1)
    }
    latest().shuts(1006)
    const before = sockets.length
    link.nudge()
    expect(sockets).toHaveLength(before + 1)
  })

  it('asks at once whether the socket still lives when somebody looks', () => {
    const socket = connected()
    link.nudge()
    expect(socket.sent.at(-1)).toEqual({ type: 'ping' })
  })

  it('stops when the token is no longer good', async () => {
    connected().shuts(4401)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(did).toEqual(['up', 'down', 'expired'])
    expect(sockets).toHaveLength(1)
    link.nudge()
    expect(sockets).toHaveLength(1)
  })

  it('waits long when this person has too many sockets', async () => {
    connected().shuts(4429)
    await vi.advanceTimersByTimeAsync(200_000)
    expect(sockets).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(180_000)
    expect(sockets).toHaveLength(2)
  })

  it('comes back after a random pause when the server restarts', async () => {
    around.random = () => 0.5
    connected().shuts(1012)
    await vi.advanceTimersByTimeAsync(4_999)
    expect(sockets).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(sockets).toHaveLength(2)
  })

  it('is still when it was stopped', async () => {
    connected()
    link.stop()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(sockets).toHaveLength(1)
    expect(sockets[0].closed).toBe(true)
  })
})

describe('a desk', () => {
  it('is known by its session and asks to be told of changed reports', () => {
    const heard: (string[] | null)[] = []
    const desk = new NoticeLink({ ...around, token: null, changed: (reports) => void heard.push(reports) })
    desk.start()
    latest().opens()
    expect(latest().sent).toEqual([])
    latest().says({ type: 'ready' })
    expect(latest().sent).toEqual([{ type: 'watch' }])
    latest().says({ type: 'changed', reports: ['a', 'b'] })
    latest().says({ type: 'changed', reports: null })
    expect(heard).toEqual([['a', 'b'], null])
    desk.stop()
  })
})
