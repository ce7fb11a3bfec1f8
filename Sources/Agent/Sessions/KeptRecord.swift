package import Primitives

/// Something that is kept beside the log, in its newest state: an account, what was tried on it, an emergency.
package struct KeptRecord: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case account
        /// How often a password was tried, and from where.
        case attempts
        case emergency
        case lostCard = "lost_card"
        /// Up to when a person was told what was done without their card.
        case seen
        /// That somebody outside the agent was told of an emergency.
        case notice
        /// A phone or tablet of a person.
        case device
        /// The key of a device that was reported lost; by its thumbprint.
        case lostDevice = "lost_device"
        /// What the refresh tokens of a device's session hang on, under the id of that session.
        case family
        /// That servers are to be told of the end of a session.
        case signal
    }

    package let kind: Kind
    package let id: String
    /// What else it is found by, such as the person whom it is about.
    package let key: String
    /// Whether somebody still has to see to it.
    package let isOpen: Bool
    package let json: JSON

    package init(_ kind: Kind, _ id: String, key: String, isOpen: Bool, json: JSON) {
        self.kind = kind
        self.id = id
        self.key = key
        self.isOpen = isOpen
        self.json = json
    }
}

/// Where records are read again. They are written by ``Effect/keep(_:)``, in the transaction of the decision that changes them; what waits
/// in the reserve is read as if it were written.
package protocol RecordReading: Sendable {
    func record(_ kind: KeptRecord.Kind, _ id: String) async throws(LedgerFailure) -> KeptRecord?

    /// Those of a key, in the order of their ids.
    func records(_ kind: KeptRecord.Kind, key: String) async throws(LedgerFailure) -> [KeptRecord]

    /// Those that somebody still has to see to, in the order of their ids.
    func openRecords(_ kind: KeptRecord.Kind) async throws(LedgerFailure) -> [KeptRecord]

    /// A page of all of them, in the order of their ids.
    ///
    /// - Parameter after: id of the last one of the page before; `nil` for the first page.
    func records(_ kind: KeptRecord.Kind, after: String?, limit: Int) async throws(LedgerFailure) -> [KeptRecord]
}
