internal import FoundationEssentials
package import Primitives

/// Which old traces lose their bodies: those before a date, but never what an emergency left that nobody has reviewed, nor what the log
/// needs to explain itself.
package struct RetentionRule: Sendable {
    private let before: String
    /// Emergencies that were reviewed: the id of the declaration, or of the session of a degraded login.
    private var reviewed: Set<String> = []

    /// Events by which the log says what was read, and which explain nothing about it.
    private static let ordinaryAudit: Set<String> = ["audit.read", "audit.refused", "audit.verified", "audit.exported"]
    private static let reviews: Set<String> = ["breakglass.reviewed", "degraded.reviewed"]
    package static let reviewEvents = reviews.sorted()

    package init(before: Timestamp) { self.before = before.description }

    /// Takes in a trace that may be a review.
    package mutating func note(_ leaf: [UInt8]) {
        guard let trace = Self.parsed(leaf), let event = trace["event"]?.string, Self.reviews.contains(event),
            trace["outcome"]?.string == TraceOutcome.granted.rawValue, let emergency = Self.emergency(trace)
        else { return }
        reviewed.insert(emergency)
    }

    package func drops(_ leaf: [UInt8]) -> Bool {
        guard let trace = Self.parsed(leaf), let time = trace["time"]?.string, time < before, let event = trace["event"]?.string else {
            return false
        }
        let family = event.prefix { $0 != "." }
        if family == "audit" { return Self.ordinaryAudit.contains(event) }
        // What was refused is no emergency.
        let isOfOne = (family == "breakglass" || family == "degraded") && !event.hasSuffix(".refused")
        let isEmergency = isOfOne || trace["mode"]?.string == "degraded"
        guard isEmergency || trace["detail"]?["break_glass"]?.string != nil else { return true }
        return Self.emergency(trace).map(reviewed.contains) ?? false
    }

    private static func emergency(_ trace: JSON) -> String? {
        trace["detail"]?["break_glass"]?.string ?? trace["detail"]?["session"]?.string ?? trace["session"]?.string
    }

    private static func parsed(_ leaf: [UInt8]) -> JSON? { try? JSONDecoder().decode(JSON.self, from: Data(leaf)) }
}

/// What a retention did.
package struct RetentionReport: Hashable, Sendable {
    /// Bodies that are gone.
    package let count: UInt64
    /// Traces before the date that stay: unreviewed emergencies, and what the log needs.
    package let kept: UInt64

    package init(count: UInt64, kept: UInt64) {
        self.count = count
        self.kept = kept
    }
}
