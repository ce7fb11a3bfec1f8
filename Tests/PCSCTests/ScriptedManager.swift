import Foundation
import PCSC
import SmartCard

/// A resource manager without readers or daemon: it behaves as pcsc-lite does, and does what a test says.
///
/// Time never passes in it: a wait ends when something happens, when it is cancelled, or when the test lets it expire.
final class ScriptedManager: ResourceManager {
    struct Slot: Sendable {
        var isPresent = false
        var isMute = false
        /// Insertions and removals so far.
        var events: UInt16 = 0
        var isInUse = false
        var atr: [UInt8] = []

        var found: UInt32 {
            UInt32(events) << 16 | (isPresent ? 0x0020 : 0x0010) | (isMute ? 0x0200 : 0) | (isInUse ? 0x0100 : 0)
        }
    }

    struct State: Sendable {
        var slots: [String: Slot] = [:]
        /// Why the service gives no context, if it does not.
        var refusal: PCSCError?
        /// Contexts of earlier runs of the service are dead.
        var contexts: Set<Int> = []
        var contextsMade = 0
        var cancelled: Set<Int> = []
        /// Threads that are blocked in a wait now.
        var waiting = 0
        /// How long the last wait was to be, in milliseconds.
        var lastWait: UInt32?
        /// Waits that may run out of time.
        var expiries = 0
        var handles: [Int: String] = [:]
        var handlesMade = 0
        /// What was called on cards, in order.
        var calls: [String] = []
        /// What drivers say of their channel; the others do not know the question.
        var channels: [String: [UInt8]] = [:]
        /// What drivers say of their features; the others do not know the question.
        var features: [String: [UInt8]] = [:]
        var onFeatures: (@Sendable (String) throws(PCSCError) -> Void)?
        /// Control codes and their data, in order.
        var controls: [(code: UInt32, data: [UInt8])] = []
        var onControl: @Sendable ([UInt8]) throws(PCSCError) -> [UInt8] = { _ in [0x90, 0x00] }
        var onChannel: (@Sendable (String) throws(PCSCError) -> Void)?
        var onList: (@Sendable (ScriptedManager) -> Void)?
        var onConnect: (@Sendable () throws(PCSCError) -> Void)?
        var onBegin: (@Sendable () throws(PCSCError) -> Void)?
        var onTransmit: @Sendable ([UInt8]) throws(PCSCError) -> [UInt8] = { _ in [0x90, 0x00] }
        var onEnd: (@Sendable () throws(PCSCError) -> Void)?
    }

    private let condition = NSCondition()
    // Every use is between `lock` and `unlock` of `condition`.
    nonisolated(unsafe) private var state = State()
    nonisolated(unsafe) private var expectations: [(isMet: @Sendable (State) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []

    init(_ readers: String...) { for reader in readers { state.slots[reader] = Slot() } }

    /// Looks at or changes the state; whoever waits for something looks again.
    @discardableResult
    func change<Result, Failure: Error>(_ body: (inout State) throws(Failure) -> Result) throws(Failure) -> Result {
        condition.lock()
        defer { condition.unlock() }
        defer { announce() }
        return try body(&state)
    }

    func until(_ isMet: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            condition.lock()
            expectations.append((isMet, continuation))
            announce()
            condition.unlock()
        }
    }

    /// With the lock held.
    private func announce() {
        let met = expectations.filter { $0.isMet(state) }
        expectations.removeAll { $0.isMet(state) }
        for expectation in met { expectation.continuation.resume() }
        condition.broadcast()
    }

    // MARK: What a test does

    func plug(_ reader: String) { change { $0.slots[reader] = Slot() } }

    func pull(_ reader: String) { change { $0.slots[reader] = nil } }

    func insert(_ reader: String, atr: [UInt8] = [0x3B, 0x00], mute: Bool = false) {
        change {
            $0.slots[reader]?.events += 1
            $0.slots[reader]?.isPresent = true
            $0.slots[reader]?.isMute = mute
            $0.slots[reader]?.atr = mute ? [] : atr
        }
    }

    func eject(_ reader: String) {
        change {
            $0.slots[reader]?.events += 1
            $0.slots[reader]?.isPresent = false
            $0.slots[reader]?.isMute = false
            $0.slots[reader]?.atr = []
        }
    }

    /// The service ends under whoever uses it.
    func stopService(_ refusal: PCSCError = .noService) {
        change {
            $0.refusal = refusal
            $0.contexts = []
        }
    }

    func startService() { change { $0.refusal = nil } }

    var calls: [String] { change { $0.calls } }

    // MARK: ResourceManager

    func establishContext() throws(PCSCError) -> Int {
        try change { state throws(PCSCError) in
            if let refusal = state.refusal { throw refusal }
            state.contextsMade += 1
            state.contexts.insert(state.contextsMade)
            return state.contextsMade
        }
    }

    func releaseContext(_ context: Int) { change { _ = $0.contexts.remove(context) } }

    func readers(_ context: Int) throws(PCSCError) -> [String] {
        let (names, then) = try change { state throws(PCSCError) in
            try Self.check(context, state)
            return (state.slots.keys.sorted(), state.onList)
        }
        then?(self)
        return names
    }

    func waitForChange(_ context: Int, _ rows: inout [ReaderRow], milliseconds: UInt32) throws(PCSCError) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        // PCSCLITE_MAX_READERS_CONTEXTS: SCARD_E_INVALID_PARAMETER.
        guard rows.count <= 16 else { throw PCSCError(code: 0x8010_0004) }
        let readers = state.slots.count
        guard rows.allSatisfy({ $0.name == ReaderRow.plugAndPlay || state.slots[$0.name] != nil }) else { throw .unknownReader }
        while true {
            try Self.check(context, state)
            if fill(&rows, readers) { return true }
            if state.cancelled.remove(context) != nil { throw .cancelled }
            if milliseconds == 0 { return false }
            if state.expiries > 0 {
                state.expiries -= 1
                return false
            }
            state.waiting += 1
            state.lastWait = milliseconds
            announce()
            condition.wait()
            state.waiting -= 1
        }
    }

    func cancel(_ context: Int) { change { if $0.waiting > 0 { $0.cancelled.insert(context) } } }

    func channel(_ context: Int, reader: String) throws(PCSCError) -> [UInt8] {
        let (hook, value) = change { ($0.onChannel, $0.channels[reader]) }
        try hook?(reader)
        guard let value else { throw PCSCError(code: 0x8010_001F) }
        return value
    }

    func features(_ context: Int, reader: String) throws(PCSCError) -> [UInt8] {
        let (hook, value) = change { ($0.onFeatures, $0.features[reader]) }
        try hook?(reader)
        guard let value else { throw .unsupportedFeature }
        return value
    }

    func features(_ card: Int) throws(PCSCError) -> [UInt8] {
        guard let reader = change({ $0.handles[card] }) else { throw .invalidHandle }
        return try features(0, reader: reader)
    }

    func control(_ card: Int, _ code: UInt32, _ command: [UInt8]) throws(PCSCError) -> [UInt8] {
        let hook = change { state in
            state.calls.append("control")
            state.controls.append((code, command))
            return state.onControl
        }
        return try hook(command)
    }

    func connect(_ context: Int, reader: String) throws(PCSCError) -> (card: Int, protocol: TransmissionProtocol) {
        let hook = try change { state throws(PCSCError) in
            try Self.check(context, state)
            state.calls.append("connect")
            return state.onConnect
        }
        try hook?()
        return try change { state throws(PCSCError) in
            guard let slot = state.slots[reader] else { throw .unknownReader }
            guard slot.isPresent else { throw .noSmartCard }
            guard !slot.isMute else { throw .unresponsiveCard }
            state.handlesMade += 1
            state.handles[state.handlesMade] = reader
            return (state.handlesMade, .t1)
        }
    }

    func beginTransaction(_ card: Int) throws(PCSCError) {
        let hook = change { state in
            state.calls.append("begin")
            return state.onBegin
        }
        try hook?()
    }

    func transmit(_ card: Int, _ protocol: TransmissionProtocol, _ command: UnsafeRawBufferPointer) throws(PCSCError) -> [UInt8] {
        let bytes = Array(command)
        let hook = change { state in
            state.calls.append("transmit")
            return state.onTransmit
        }
        return try hook(bytes)
    }

    func endTransaction(_ card: Int, _ afterUse: AfterUse) throws(PCSCError) {
        let hook = change { state in
            state.calls.append("end \(afterUse)")
            return state.onEnd
        }
        try hook?()
    }

    func disconnect(_ card: Int, _ afterUse: AfterUse) {
        change { state in
            state.calls.append("disconnect \(afterUse)")
            state.handles[card] = nil
        }
    }

    private static func check(_ context: Int, _ state: State) throws(PCSCError) {
        guard state.contexts.contains(context) else { throw state.refusal ?? .invalidHandle }
    }

    /// Writes what is found now; whether anything differs from what is known. With the lock held.
    private func fill(_ rows: inout [ReaderRow], _ readersBefore: Int) -> Bool {
        var differs = false
        for index in rows.indices {
            let row = rows[index]
            let found: UInt32
            let isNew: Bool
            if row.name == ReaderRow.plugAndPlay {
                // pcsc-lite compares with the number of readers when the wait began.
                isNew = state.slots.count != readersBefore
                found = 0
            } else if let slot = state.slots[row.name] {
                found = slot.found
                isNew = row.known != found
                rows[index].atr = slot.atr
            } else {
                found = 0x000C
                isNew = row.known & 0x0004 == 0
            }
            rows[index].found = found | (isNew ? 0x0002 : 0)
            differs = differs || isNew
        }
        return differs
    }
}
