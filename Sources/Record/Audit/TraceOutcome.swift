/// How a decision ended, as the trace says it.
package enum TraceOutcome: String, Hashable, Sendable, CaseIterable {
    /// What was asked was allowed and done.
    case granted
    /// A rule said no.
    case refused
    /// Allowed, but it could not be done.
    case failed
    /// A fact that nobody asked for.
    case info
}
