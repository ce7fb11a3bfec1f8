/// The family of a test card, by table G02.
package enum TestFamily: String, CaseIterable, Hashable, Sendable {
    /// Health professional, professional in training, staff of an establishment or practice, staff of another body.
    case cps, cpf, cpe, cpa

    var code: UInt64 {
        switch self {
        case .cps: 0
        case .cpf: 1
        case .cpe: 2
        case .cpa: 3
        }
    }

    package var isOfStaff: Bool { self == .cpe || self == .cpa }
}

/// The body that a card of staff names.
package struct TestBody: Hashable, Sendable {
    package let name: String
    /// Struct_IdNat.
    package let structureID: String
    /// As `Seine-Maritime (76)`.
    package let department: String

    package init(name: String, structureID: String, department: String) {
        self.name = name
        self.structureID = structureID
        self.department = department
    }
}
