import Dispatch
import Primitives
package import SmartCard
import Synchronization
package import VirtualCard

/// Readers with virtual cards, without PC/SC: what the drivers talk to and what the monitor would tell.
///
/// Cards are spoken to on a queue a reader, as the real way does, so that nothing of the agent waits for a card.
package final class VirtualReaders: CardAccess {
    /// Called before each command on the card's own thread, which it may block; an error is thrown in place of the answer.
    package typealias Hook = @Sendable (_ command: [UInt8]) -> CardError?

    /// Called with each answer of a card; what it gives back is what the drivers get.
    package typealias Forger = @Sendable (_ answer: [UInt8]) -> [UInt8]

    private struct Slot {
        let queue: DispatchQueue
        var kind = ReaderKind.virtual
        var hasKeypad = false
        var card: VirtualCard?
        var insertion: Insertion?
        var isMute = false
        var events: UInt16 = 0
    }

    private struct State {
        var slots: [String: Slot] = [:]
        var monitoring = MonitoringState.running
        var insertions = 0
        var hook: Hook?
        var forger: Forger?
        var failures: [CardError] = []
        var typing: (@Sendable (PINEntry) -> Typing)?
        /// Instruction bytes sent, in order.
        var instructions: [UInt8] = []
        var verifies = 0
    }

    package let snapshots: AsyncStream<ReaderSnapshot>
    private let continuation: AsyncStream<ReaderSnapshot>.Continuation
    private let state = Mutex(State())

    package init() { (snapshots, continuation) = AsyncStream.makeStream() }

    // MARK: What happens to readers

    package func plug(_ reader: String, kind: ReaderKind = .virtual) {
        state.withLock { $0.slots[reader] = Slot(queue: DispatchQueue(label: reader), kind: kind) }
        tell()
    }

    /// The reader has a keypad on which a person does what `typing` says; it may block, as persons do.
    package func setKeypad(_ reader: String, _ typing: (@Sendable (PINEntry) -> Typing)?) {
        state.withLock { state in
            state.slots[reader]?.hasKeypad = true
            state.typing = typing
        }
        tell()
    }

    /// The reader goes, with its card.
    package func unplug(_ reader: String) {
        state.withLock { $0.slots.removeValue(forKey: reader)?.card?.powerOff() }
        tell()
    }

    /// - Parameter atr: the answer to reset, when it is not the card's own.
    @discardableResult
    package func insert(_ card: VirtualCard, in reader: String, atr: [UInt8]? = nil) -> Insertion {
        card.powerOn()
        let insertion = state.withLock { state in
            state.insertions += 1
            let events = (state.slots[reader]?.events ?? 0) + 1
            let insertion = Insertion(
                id: "insertion-\(state.insertions)", reader: reader, eventCount: events, atr: atr ?? card.atr)
            state.slots[reader]?.card = card
            state.slots[reader]?.insertion = insertion
            state.slots[reader]?.events = events
            return insertion
        }
        tell()
        return insertion
    }

    /// Another card takes the place of the one in the reader, and nothing that watches the reader notices.
    package func swap(_ card: VirtualCard, in reader: String) {
        card.powerOn()
        state.withLock { state in
            state.slots[reader]?.card?.powerOff()
            state.slots[reader]?.card = card
        }
    }

    /// - Parameter isSeen: whether the monitor notices at once; else ``tell()`` makes it.
    package func eject(_ reader: String, isSeen: Bool = true) {
        state.withLock { state in
            state.slots[reader]?.card?.powerOff()
            state.slots[reader]?.card = nil
            state.slots[reader]?.insertion = nil
            state.slots[reader]?.isMute = false
            state.slots[reader]?.events += 1
        }
        if isSeen { tell() }
    }

    /// Something is put in that gives no answer to reset.
    package func insertMute(in reader: String) {
        state.withLock { $0.slots[reader]?.isMute = true }
        tell()
    }

    /// The PC/SC service goes or comes back.
    package func setMonitoring(_ monitoring: MonitoringState) {
        state.withLock { state in
            state.monitoring = monitoring
            if monitoring != .running { state.slots = [:] }
        }
        tell()
    }

    /// The monitor looks.
    package func tell() { continuation.yield(snapshot) }

    /// The monitor ends.
    package func finish() { continuation.finish() }

    package var snapshot: ReaderSnapshot {
        state.withLock { state in
            let readers = state.slots.map { name, slot in
                let presence: CardPresence = slot.isMute ? .mute : slot.insertion.map { .present($0) } ?? .absent
                return ReaderState(name: name, kind: slot.kind, hasKeypad: slot.hasKeypad, presence: presence)
            }
            return ReaderSnapshot(monitoring: state.monitoring, readers: readers.sorted { $0.name < $1.name })
        }
    }

    // MARK: What goes on with cards

    package func setHook(_ hook: Hook?) { state.withLock { $0.hook = hook } }

    package func setForger(_ forger: Forger?) { state.withLock { $0.forger = forger } }

    /// The next transactions end with these, one each, before the card is asked anything.
    package func failNext(_ errors: CardError...) { state.withLock { $0.failures += errors } }

    /// Commands since the count was last taken.
    package func takeCommandCount() -> Int {
        state.withLock { state in
            defer { state.instructions = [] }
            return state.instructions.count
        }
    }

    /// VERIFY commands that carried a PIN, since the beginning.
    package var verifies: Int { state.withLock { $0.verifies } }

    // MARK: CardAccess

    package func transaction<Result: Sendable>(
        with insertion: Insertion, rereads: Bool, deadline: Duration,
        _ body: @escaping @Sendable (any CardChannel) throws(CardError) -> Result
    ) async throws(CardError) -> Result {
        do throws(CardError) {
            return try await once(insertion, body)
        } catch {
            guard error == .cardReset, rereads else { throw error }
            return try await once(insertion, body)
        }
    }

    private func once<Result: Sendable>(
        _ insertion: Insertion, _ body: @escaping @Sendable (any CardChannel) throws(CardError) -> Result
    ) async throws(CardError) -> Result {
        guard let queue = state.withLock({ $0.slots[insertion.reader]?.queue }) else { throw .readerUnavailable }
        let outcome: Swift.Result<Result, CardError> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.perform(insertion, body)) }
        }
        return try outcome.get()
    }

    private func perform<Result: Sendable>(
        _ insertion: Insertion, _ body: (any CardChannel) throws(CardError) -> Result
    ) -> Swift.Result<Result, CardError> {
        if let failure = state.withLock({ $0.failures.isEmpty ? nil : $0.failures.removeFirst() }) { return .failure(failure) }
        guard let card = card(of: insertion) else { return .failure(.cardRemoved) }
        let channel = Channel(card.generation == .cps3 ? .t0 : .t1) {
            command throws(CardError) in
            try self.exchange(command, insertion)
        } entered: { entry throws(CardError) in
            try self.entered(entry, insertion)
        }
        defer { if channel.afterUse == .reset { self.card(of: insertion)?.reset() } }
        do throws(CardError) { return .success(try body(channel)) } catch { return .failure(error) }
    }

    private func exchange(_ command: [UInt8], _ insertion: Insertion) throws(CardError) -> [UInt8] {
        if let error = state.withLock({ $0.hook })?(command) { throw error }
        guard let card = card(of: insertion) else { throw .cardRemoved }
        state.withLock { state in
            state.instructions.append(command.count > 1 ? command[1] : 0)
            if VirtualReaders.isVerify(command) { state.verifies += 1 }
        }
        let answer = card.transmit(command)
        guard !answer.isEmpty else { throw .cardMute }
        return state.withLock { $0.forger }?(answer) ?? answer
    }

    private func entered(_ entry: PINEntry, _ insertion: Insertion) throws(CardError) -> StatusWord {
        guard let typing = state.withLock({ $0.typing }) else { throw .keypadUnavailable }
        let typed = typing(entry)
        guard let card = card(of: insertion) else { throw .cardRemoved }
        switch typed {
        case .digits(let digits):
            state.withLock { $0.verifies += 1 }
            return try entry.send(digits) { card.transmit($0) }
        case .answer(let status): return StatusWord(rawValue: status)
        case .failure(let error): throw error
        }
    }

    /// Whether a command is a VERIFY with a PIN in it, not the question for tries left.
    package static func isVerify(_ command: [UInt8]) -> Bool { command.count > 5 && command[1] == 0x20 }

    private func card(of insertion: Insertion) -> VirtualCard? {
        state.withLock { state in
            state.slots[insertion.reader].flatMap { $0.insertion == insertion ? $0.card : nil }
        }
    }
}

/// An open transaction with a virtual card.
private final class Channel: CardChannel {
    let transmissionProtocol: TransmissionProtocol
    var afterUse = AfterUse.leave
    private let exchange: ([UInt8]) throws(CardError) -> [UInt8]
    private let entered: (PINEntry) throws(CardError) -> StatusWord

    init(
        _ transmissionProtocol: TransmissionProtocol, _ exchange: @escaping ([UInt8]) throws(CardError) -> [UInt8],
        entered: @escaping (PINEntry) throws(CardError) -> StatusWord
    ) {
        self.transmissionProtocol = transmissionProtocol
        self.exchange = exchange
        self.entered = entered
    }

    func enterPIN(_ entry: PINEntry) throws(CardError) -> StatusWord { try entered(entry) }

    func transmit(_ command: UnsafeRawBufferPointer) throws(CardError) -> [UInt8] { try exchange(Array(command)) }
}
