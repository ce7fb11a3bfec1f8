import SmartCard
import Synchronization

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
