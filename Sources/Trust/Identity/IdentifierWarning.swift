/// What is odd about an identifier that a card bears.
package enum IdentifierWarning: String, Hashable, Sendable, CaseIterable {
    /// The check digit of the RPPS number is wrong.
    case personKey = "person_key"
    /// The check digit of the structure's number is wrong.
    case structureKey = "structure_key"
}
