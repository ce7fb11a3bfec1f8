package import Logging
internal import Synchronization

/// The least level that is logged; it may change at any time, for every logger at once.
package final class LogLevelInForce: Sendable {
    private let level: Mutex<Logger.Level>

    package init(_ level: Logger.Level) { self.level = Mutex(level) }

    package var value: Logger.Level { level.withLock { $0 } }

    package func set(_ level: Logger.Level) { self.level.withLock { $0 = level } }
}
