import Primitives
import SmartCard
import Testing

@testable import PCSC

/// PIN entries on a reader's own keypad (PC/SC part 10).
@Suite(.timeLimit(.minutes(5)))
struct KeypadTests {
    private let reader = "Keypad 00 00"
    private let long = Duration.seconds(30)
    private let insertion = Insertion(id: "a", reader: "Keypad 00 00", eventCount: 1, atr: [0x3B, 0x00])
    /// FEATURE_VERIFY_PIN_DIRECT at 42330006, among others.
    private static let features: [UInt8] = [0x0A, 0x04, 0x42, 0x33, 0x00, 0x0A, 0x06, 0x04, 0x42, 0x33, 0x00, 0x06]

    private func manager() -> ScriptedManager {
        let manager = ScriptedManager(reader)
        manager.change { $0.features[reader] = Self.features }
        manager.insert(reader)
        return manager
    }

    private static func entry() throws -> PINEntry {
        try #require(PINEntry(header: [0x00, 0x20, 0x00, 0x05], minimumLength: 4, maximumLength: 8, blockLength: 8, padding: 0xFF))
    }

    /// An entry, and a command after it when it went well.
    private func enter(
        _ cards: PCSCCards, deadline: Duration = .seconds(30)
    ) async throws -> StatusWord {
        let entry = try Self.entry()
        return try await cards.transaction(with: insertion, rereads: false, deadline: deadline) { channel throws(CardError) in
            channel.afterUse = .reset
            let status = try channel.enterPIN(entry)
            if status == .entryTimeout { throw .keypadTimeout }
            _ = try APDUBytes([0x00, 0x88, 0x00, 0x00]).send(over: channel)
            return status
        }
    }

    @Test(
        arguments: [
            ("060442330006", 0x4233_0006), ("0A044233000A060442330006", 0x4233_0006), ("FF00060442330006", 0x4233_0006),
            ("FF0201020604423300060604FFFFFFFF", 0x4233_0006), ("", nil), ("06", nil), ("0604", nil), ("0604423300", nil),
            ("0603423300", nil), ("06054233000601", nil), ("060400000000", nil), ("070442330007", nil), ("0AFF060442330006", nil),
        ] as [(String, UInt32?)])
    func featuresAreReadOrLeftAside(answer: String, code: UInt32?) throws {
        #expect(ReaderFeatures(answer: try #require(Hex.decode(answer))).verifyPINDirect == code)
    }

    @Test(arguments: [true, false])
    func whichReadersHaveAKeypadIsTold(has: Bool) async throws {
        let manager = manager()
        if !has { manager.change { $0.features[reader] = [0x06, 0x04, 0x42] } }
        manager.change { $0.channels[reader] = [0x05, 0x01, 0x20, 0x00] }
        let monitor = ReaderMonitor(manager: manager)
        monitor.start()
        defer { monitor.stop() }
        for await snapshot in monitor.snapshots {
            // The kind comes with it, from the same look.
            if let state = snapshot.readers.first, state.kind == .usb {
                #expect(state.hasKeypad == has)
                return
            }
            await manager.until { $0.waiting == 1 }
            manager.change { $0.expiries += 1 }
        }
    }

    @Test func theReaderIsAskedByItsOwnCode() async throws {
        let manager = manager()
        #expect(try await enter(PCSCCards(manager: manager)) == .ok)
        let controls = manager.change { $0.controls }
        #expect(controls.map(\.code) == [0x4233_0006])
        #expect(try controls.first?.data == Self.entry().structure)
        #expect(manager.calls == ["connect", "begin", "control", "transmit", "end reset", "disconnect leave"])
    }

    @Test(arguments: [nil, [], [0x06, 0x04, 0x42], [0x07, 0x04, 0x42, 0x33, 0x00, 0x07]] as [[UInt8]?])
    func aReaderWithoutTheFeatureIsNotAsked(features: [UInt8]?) async throws {
        let manager = manager()
        manager.change { $0.features[reader] = features }
        await #expect(throws: CardError.keypadUnavailable) { try await enter(PCSCCards(manager: manager)) }
        #expect(!manager.calls.contains("control") && !manager.calls.contains("transmit"))
    }

    @Test(arguments: [
        (PCSCError.unsupportedFeature, CardError.keypadUnavailable), (.removedCard, .cardRemoved), (.resetCard, .cardReset),
        (.noService, .serviceUnavailable), (.timeout, .deadlineExceeded), (.cancelled, .transportFailed(code: 0x8010_0002)),
    ])
    func anEntryThatFailsIsNotRepeated(failure: PCSCError, error: CardError) async throws {
        let manager = manager()
        manager.change { $0.onControl = { _ throws(PCSCError) in throw failure } }
        await #expect(throws: error) { try await enter(PCSCCards(manager: manager)) }
        #expect(manager.calls.filter { $0 == "control" }.count == 1 && !manager.calls.contains("transmit"))
        #expect(manager.calls.contains("end reset"))
    }

    @Test(arguments: [[0x90], [0x00, 0x90, 0x00], [UInt8](repeating: 0x90, count: 264)])
    func whatIsNoStatusIsRefused(answer: [UInt8]) async throws {
        let manager = manager()
        manager.change { $0.onControl = { _ in answer } }
        await #expect(throws: CardError.answerMalformed) { try await enter(PCSCCards(manager: manager)) }
        #expect(!manager.calls.contains("transmit"))
    }

    /// The reader says that time ran out; the card has gone.
    @Test func aCardPulledUnderAnEntryHasLeft() async throws {
        let manager = manager()
        let name = reader
        manager.change {
            $0.onControl = { _ in
                manager.eject(name)
                return [0x64, 0x00]
            }
        }
        await #expect(throws: CardError.cardRemoved) { try await enter(PCSCCards(manager: manager)) }
    }

    /// The silence that ends a command does not end an entry: another reader's hanging command, begun later, measures it.
    @Test func aPersonMayTakeLongerThanACommand() async throws {
        let (manager, other) = (manager(), "Other 00 00")
        manager.plug(other)
        manager.insert(other)
        let (typing, hanging) = (Gate(), Gate())
        manager.change {
            $0.onControl = { _ in
                typing.pass()
                return [0x90, 0x00]
            }
        }
        let cards = PCSCCards(manager: manager, silence: .milliseconds(50))
        async let entered = enter(cards)
        await manager.until { $0.calls.contains("control") }
        manager.change {
            $0.onTransmit = { _ in
                hanging.pass()
                return [0x90, 0x00]
            }
        }
        let elsewhere = Insertion(id: "b", reader: other, eventCount: 1, atr: [0x3B, 0x00])
        await #expect(throws: CardError.deadlineExceeded) {
            try await cards.transaction(with: elsewhere, rereads: false, deadline: long) {
                channel throws(CardError) in try APDUBytes([0x00, 0x84, 0x00, 0x00]).send(over: channel)
            }
        }
        hanging.open()
        typing.open()
        #expect(try await entered == .ok)
    }

    @Test func aReaderThatNeverComesBackIsGivenUpOn() async throws {
        let manager = manager()
        let gate = Gate()
        manager.change {
            $0.onControl = { _ in
                gate.pass()
                return [0x90, 0x00]
            }
        }
        await #expect(throws: CardError.deadlineExceeded) {
            try await enter(PCSCCards(manager: manager), deadline: .milliseconds(100))
        }
        gate.open()
        await manager.until { $0.calls.contains { $0.hasPrefix("disconnect") } }
        // The PIN came too late: nothing is signed with it, and the card forgets it.
        #expect(manager.calls == ["connect", "begin", "control", "end reset", "disconnect leave"])
    }
}
