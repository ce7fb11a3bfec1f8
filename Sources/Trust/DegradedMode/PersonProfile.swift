package import Identity
internal import Primitives

/// What an account knows of its person: from the certificate where they enrolled with their card, else as the référent said it.
package struct PersonProfile: Hashable, Sendable {
    package let familyName: String?
    package let givenName: String?
    /// Code of table G15; without a card nobody has checked it.
    package let profession: Profession?
    /// Code of table G16.
    package let training: String?
    /// Codes of table R01.
    package let knowHow: [String]
    package let structureID: StructureID?
    package let cardType: CardType?
    package let isTest: Bool

    package init(
        familyName: String?, givenName: String?, profession: Profession? = nil, training: String? = nil, knowHow: [String] = [],
        structureID: StructureID? = nil, cardType: CardType? = nil, isTest: Bool = false
    ) {
        self.familyName = familyName
        self.givenName = givenName
        self.profession = profession
        self.training = training
        self.knowHow = knowHow
        self.structureID = structureID
        self.cardType = cardType
        self.isTest = isTest
    }

    /// As the card says it. A holder without a name is known by the pseudonym.
    package init(_ holder: Holder) {
        self.init(
            familyName: holder.familyName ?? holder.pseudonym, givenName: holder.givenName, profession: holder.profession,
            training: holder.training, knowHow: holder.knowHow, structureID: holder.structureID, cardType: holder.card.type,
            isTest: holder.isTest)
    }
}

extension Account {
    /// The person as sessions know them. A profession counts as on a card of the same family; without one, as on none.
    package var holder: Holder {
        Holder(
            nationalID: person, familyName: profile.familyName, givenName: profile.givenName, structureID: profile.structureID,
            profession: profile.profession, training: profile.training, knowHow: profile.knowHow,
            card: Holder.Card(type: profile.cardType), isTest: profile.isTest)
    }
}

extension PersonProfile {
    package static let longestName = 256
    static let mostKnowHow = 32

    var json: JSON {
        [
            "family_name": familyName.map(JSON.string) ?? .null, "given_name": givenName.map(JSON.string) ?? .null,
            "profession": profession.map { ["code": .string($0.code), "label": $0.label.map(JSON.string) ?? .null] } ?? .null,
            "training": training.map(JSON.string) ?? .null, "know_how": .array(knowHow.map(JSON.string)),
            "structure_id": structureID.map { .string($0.text) } ?? .null,
            "card_type": cardType.map { .string($0.rawValue) } ?? .null, "test": .bool(isTest),
        ]
    }

    /// Reads ``json`` back; `nil` for anything else.
    init?(_ json: JSON) {
        guard let test = json["test"]?.bool, let knowHow = json["know_how"]?.array, knowHow.count <= Self.mostKnowHow,
            let family = Self.text(json, "family_name"), let given = Self.text(json, "given_name"),
            let profession = json["profession"] == .null ? .some(nil) : Self.text(json["profession"] ?? .null, "code"),
            let training = Self.text(json, "training"),
            let structure = Self.text(json, "structure_id"), let type = Self.text(json, "card_type")
        else { return nil }
        let codes = knowHow.compactMap(\.string)
        let structureID = structure.flatMap { StructureID($0) }
        let cardType = type.flatMap { CardType(rawValue: $0) }
        guard codes.count == knowHow.count, (structure == nil) == (structureID == nil), (type == nil) == (cardType == nil) else {
            return nil
        }
        self.init(
            familyName: family, givenName: given, profession: profession.map { Profession(code: $0) }, training: training, knowHow: codes,
            structureID: structureID, cardType: cardType, isTest: test)
    }

    /// A text or nothing; `nil` where there is something else.
    private static func text(_ json: JSON, _ name: String) -> String?? {
        switch json[name] {
        case .null?: .some(nil)
        case .string(let text)? where text.utf8.count <= longestName: .some(text)
        default: nil
        }
    }
}
