/// The answer to a request for scopes, with the rule that gave it.
package enum Decision: Hashable, Sendable {
    /// What was asked for, in that order and once each; without a request, all that the rule gives.
    case granted([Scope], rule: Rule)
    /// The first scope that is not granted; the whole request fails with it.
    case refused(Scope, rule: Rule)
}

/// Name of a rule, for error texts and traces.
package struct Rule: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let prescriber = Rule(rawValue: "builtin.prescriber")
    package static let pharmacist = Rule(rawValue: "builtin.pharmacist")
    package static let healthProfession = Rule(rawValue: "builtin.health_profession")
    package static let deprecatedProfession = Rule(rawValue: "builtin.deprecated_profession")
    package static let unknownProfession = Rule(rawValue: "builtin.unknown_profession")
    package static let noProfession = Rule(rawValue: "builtin.no_profession")
    package static let degraded = Rule(rawValue: "builtin.degraded")
}
