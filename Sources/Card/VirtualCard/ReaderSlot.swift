import Glibc

/// A card in the virtual reader: the TCP connection that is its presence, and the faults that befall it.
struct ReaderSlot {
    /// More than any answer to reset: the driver then reports that the card cannot be powered, as for a card that says nothing.
    private static let noATR = [UInt8](repeating: 0, count: 64)
    private(set) var holder: FaultyCard
    /// The connection to the reader; `nil` while the card is out or the reader away.
    private(set) var descriptor: Int32?
    /// The card is meant to be in.
    private(set) var isInserted = true
    /// The reader has powered the card in this insertion.
    private(set) var isTaken = false
    private let host: String
    private let port: UInt16
    private var frames = ReaderFrames()

    init(_ card: VirtualCard, host: String, port: UInt16) {
        holder = FaultyCard(card)
        self.host = host
        self.port = port
    }

    mutating func add(_ fault: Fault) { holder.add(fault) }

    mutating func clearFaults() { holder.clear() }

    /// Puts another card in place of this one; the slot is empty until ``insert()``.
    mutating func replace(with card: VirtualCard) {
        eject()
        holder = FaultyCard(card)
    }

    mutating func insert() {
        guard !isInserted else { return }
        isInserted = true
        holder.insert()
    }

    /// Pulls the card: the connection closes and all that power held is lost.
    mutating func eject() {
        isInserted = false
        disconnect()
    }

    /// Tries to reach the reader; false when it is away.
    mutating func connect() -> Bool {
        guard isInserted, descriptor == nil else { return true }
        descriptor = try? Sockets.connect(host: host, port: port)
        return descriptor != nil
    }

    mutating func disconnect() {
        if let descriptor { close(descriptor) }
        descriptor = nil
        isTaken = false
        frames = ReaderFrames()
        holder.card.powerOff()
    }

    /// Reads what the reader sent and answers it; `wait` passes the milliseconds of a delay.
    mutating func serve(wait: (Int) -> Void) {
        guard let descriptor else { return }
        guard let bytes = Sockets.receive(from: descriptor) else { return disconnect() }
        Sockets.acknowledgeAtOnce(descriptor)
        frames.append(bytes)
        do throws(ReaderFrames.Malformed) {
            while self.descriptor != nil, let request = try frames.next() { answer(request, on: descriptor, wait: wait) }
        } catch {
            disconnect()
        }
    }

    /// The driver has no time limit of its own: silence would stop the reader for ever. A card that falls mute therefore breaks the
    /// connection, which is a transmission error, and comes back as one that gives no answer to reset.
    private mutating func answer(_ request: ReaderRequest, on descriptor: Int32, wait: (Int) -> Void) {
        switch request {
        case .powerOff: holder.card.powerOff()
        case .powerOn, .reset:
            holder.card.powerOn()
            isTaken = true
        case .sendATR:
            send(holder.answersReset ? holder.card.atr : Self.noATR, on: descriptor)
            isTaken = true
        case .command(let command):
            let outcome = holder.exchange(command)
            if holder.delay > 0 { wait(holder.delay) }
            switch outcome {
            case .answer(let bytes): send(bytes, on: descriptor)
            case .mute:
                breakOff(descriptor)
                disconnect()
            case .removed:
                breakOff(descriptor)
                eject()
            case .lastAnswer(let bytes):
                send(bytes, on: descriptor)
                eject()
            }
        }
    }

    /// Announces an answer that will not come: a mere end of the connection would pass for an empty answer.
    private func breakOff(_ descriptor: Int32) {
        _ = Sockets.send(Array(ReaderFrames.frame([0x00, 0x00]).prefix(2)), to: descriptor)
        Sockets.abortOnClose(descriptor)
    }

    private mutating func send(_ bytes: [UInt8], on descriptor: Int32) {
        if !Sockets.send(ReaderFrames.frame(bytes), to: descriptor) { disconnect() }
    }
}
