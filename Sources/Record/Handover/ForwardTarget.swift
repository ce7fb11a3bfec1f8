package import Primitives

/// A place outside the log that traces are handed to as they are written.
package protocol ForwardTarget: Sendable {
    /// What the configuration calls it; the place that was reached is kept under this name.
    var name: String { get }
    /// `syslog`, `journal` or `fhir`.
    var kind: String { get }
    /// How many traces it takes at once.
    var batch: Int { get }

    /// Hands traces over in their order, and returns when the other side is known to have them. A trace may come more than once.
    func hand(_ leaves: [[UInt8]]) async throws(HandingFailure)
}

/// Why not all traces were handed over.
package struct HandingFailure: Error, Hashable, Sendable {
    /// How many of the first ones were.
    package let handed: Int
    package let cause: FetchFailure

    package init(handed: Int = 0, _ cause: FetchFailure) {
        self.handed = handed
        self.cause = cause
    }
}

/// The log as those who hand it on see it.
package protocol ForwardSource: Sendable {
    /// How many traces there are.
    var size: UInt64 { get }

    /// Traces from `from` on, in order; those whose bodies were dropped are left out.
    func traces(from: UInt64, limit: Int) async throws(ForwardSourceFailure) -> [(seq: UInt64, leaf: [UInt8])]

    /// Where a target goes on; 0 for one that is new.
    func place(of target: String) async throws(ForwardSourceFailure) -> UInt64

    /// Returns when the place is on the disk.
    func setPlace(of target: String, to next: UInt64) async throws(ForwardSourceFailure)
}

/// The log could not be read, or the place not be kept.
package struct ForwardSourceFailure: Error, Hashable, Sendable {
    package let reason: String

    package init(reason: String) { self.reason = reason }
}
