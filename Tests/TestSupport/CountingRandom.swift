import Primitives
import Synchronization

/// Bytes that are told in advance and never the same twice: a counter, then zeros.
package final class CountingRandom: RandomSource {
    private let count: Mutex<UInt64>

    /// - Parameter seed: where counting begins: two of them never give the same.
    package init(seed: UInt64 = 0) { count = Mutex(seed) }

    package func bytes(_ count: Int) -> [UInt8] {
        let value = self.count.withLock { value in
            value += 1
            return value
        }
        let digits = (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
        return Array((digits + [UInt8](repeating: 0, count: max(0, count - 8))).prefix(count))
    }
}
