internal import Habilitation
internal import Identity
package import Primitives
package import Sessions

/// Somebody whom a colleague vouches for: they stand beside them, without their card. Who they are is what the colleague says.
package struct Vouching: Hashable, Sendable {
    let nationalID: NationalID
    let familyName: String
    let givenName: String
    /// Code of table G15.
    let profession: String
    /// Code of why the card is not used, and what is said of it.
    let reason: String
    let note: String?
    /// Seconds that the session may last; `nil` for as long as may be.
    let life: Int64?
    /// For the token that comes with the session; `nil` for none.
    let token: TokenRequest?
    /// The user the session is for, when it is not the caller.
    let forUID: UInt32?

    /// In bytes.
    private static let longestName = 256

    package init(
        nationalID: String, familyName: String, givenName: String, profession: String, reason: String, note: String?, life: Int64?,
        token: TokenRequest?, forUID: UInt32?
    ) throws(Refusal) {
        guard let id = NationalID(typed: nationalID), id.kind != .other || id.text.hasPrefix("local:") else {
            throw Self.invalid("national_id is no RPPS number or national identifier of a person")
        }
        guard
            [familyName, givenName].allSatisfy({ (1...Self.longestName).contains($0.utf8.count) && $0.isPlainLine })
        else { throw Self.invalid("a name has 1 to \(Self.longestName) bytes and no control characters") }
        guard Fact.profession.isValue(profession) else { throw Self.invalid("profession is no code of table G15") }
        self.nationalID = id
        self.familyName = familyName
        self.givenName = givenName
        self.profession = profession
        self.reason = reason
        self.note = note
        self.life = life
        self.token = token
        self.forUID = forUID
    }

    private static func invalid(_ detail: String) -> Refusal { Refusal(.invalidRequest, ["detail": .string(detail)]) }

    /// The person as sessions know them.
    ///
    /// - Parameter isTest: whether it happens in the test environment.
    func holder(isTest: Bool) -> Holder {
        Holder(
            nationalID: nationalID, familyName: familyName, givenName: givenName, profession: Profession(code: profession), isTest: isTest)
    }

    /// What traces and answers say of it.
    var members: [String: JSON] {
        [
            "person": [
                "national_id": .string(nationalID.text), "family_name": .string(familyName), "given_name": .string(givenName),
                "profession": .string(profession),
            ],
            "reason": .string(reason), "note": JSON(note),
        ]
    }
}
