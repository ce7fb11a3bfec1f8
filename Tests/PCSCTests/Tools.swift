import PCSC
import SmartCard
import Synchronization
import Testing

/// Something that happened, or not.
final class Flag: Sendable {
    private let value = Mutex(false)

    var isRaised: Bool { value.withLock { $0 } }

    func raise() { value.withLock { $0 = true } }
}

final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    @discardableResult
    func add() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}

/// A command as it travels.
struct APDUBytes {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func send(over channel: any CardChannel) throws(CardError) -> [UInt8] {
        let result: Result<[UInt8], CardError> = bytes.withUnsafeBytes { buffer in
            do throws(CardError) { return .success(try channel.transmit(buffer)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

/// What a monitor tells, as a test waits for it.
struct Watch {
    private struct Ended: Error {}

    var snapshots: AsyncStream<ReaderSnapshot>.AsyncIterator

    /// The next snapshot that fits; older ones are no longer of interest.
    mutating func next(where fits: (ReaderSnapshot) -> Bool) async throws -> ReaderSnapshot {
        while let snapshot = await snapshots.next(isolation: #isolation) { if fits(snapshot) { return snapshot } }
        throw Ended()
    }

    mutating func running(where fits: (ReaderSnapshot) -> Bool = { _ in true }) async throws -> ReaderSnapshot {
        try await next { $0.monitoring == .running && fits($0) }
    }

    mutating func insertion() async throws -> Insertion {
        let snapshot = try await running { $0.readers.contains { $0.presence.insertion != nil } }
        return try #require(snapshot.readers.compactMap(\.presence.insertion).first)
    }
}

extension CardError {
    /// Who else uses cards on this machine is not for these tests to say.
    var withoutHolder: CardError { if case .cardBusy = self { .cardBusy(holder: nil) } else { self } }
}
