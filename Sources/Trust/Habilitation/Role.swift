/// A task that the matrix gives to a person by name, beside what their profession allows.
///
/// Roles hold in sessions with a card alone. What they allow is the same in every matrix; a matrix may grant more for a role, and its
/// denials win as ever.
package enum Role: String, Hashable, Sendable, CaseIterable {
    case administration, review, audit

    static let names = Role.allCases.map(\.rawValue).joined(separator: ", ")

    /// The rule by which a role allows what it is for. Its name holds a dot, as none of a file does.
    var rule: MatrixRule {
        MatrixRule(
            name: Rule(rawValue: "role.\(rawValue)"),
            when: Conditions([.role: Choice([rawValue]), .mode: Choice([AccessMode.card.rawValue, AccessMode.unchecked.rawValue])]),
            grants: Set(scopes), denials: nil)
    }

    private var scopes: [Scope] {
        switch self {
        case .administration: [.accountManage, .sessionManage, .auditRetain]
        case .review: [.auditRead, .emergencyReview]
        case .audit: [.auditRead, .auditRetain]
        }
    }
}
