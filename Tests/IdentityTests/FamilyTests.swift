import Identity
import PKI
import Testing

struct FamilyTests {
    private static func holder(
        _ card: Holder.Card, profession: String? = "10", person: String = "899900063480", structure: String? = nil
    ) throws -> Holder {
        Holder(
            nationalID: try #require(NationalID(person)), familyName: "A", givenName: "B",
            structureID: structure.flatMap { StructureID($0) },
            profession: profession.map { Profession(code: $0) }, card: card, isTest: true)
    }

    @Test(
        arguments: [
            (Holder.Card(type: .cps), "10"), (Holder.Card(), "10"), (Holder.Card(type: .cpf), nil), (Holder.Card(type: .cpe), nil),
            (Holder.Card(type: .cpa), nil), (Holder.Card(isOfUnknownFamily: true), nil),
        ] as [(Holder.Card, String?)])
    func onlyACardOfAProfessionalCarriesARole(card: Holder.Card, role: String?) throws {
        #expect(try Self.holder(card).role == role)
        #expect(try Self.holder(card, profession: "35").role == nil)
        #expect(try Self.holder(card, profession: "999").role == nil)
        #expect(try Self.holder(card, profession: nil).role == nil)
    }

    @Test(arguments: [
        ("0123456789", StructureID.Kind.adeliPractice, true), ("1760021832", .finess, true), ("12B0000020", .finess, true),
        ("12A0002606", .finess, true), ("1760021833", .finess, false), ("2187512751", .siren, true), ("2187512752", .siren, false),
        ("339172288100052", .siret, true), ("339172288100053", .siret, false), ("499900063480001", .rppsPractice, true),
        ("499900063480002", .rppsPractice, false), ("10B0193488", .finess, false), ("R10100000012345", .other, true),
    ])
    func aStructureKnowsItsKindAndWhetherItsKeyIsRight(text: String, kind: StructureID.Kind, isRight: Bool) throws {
        let structure = try #require(StructureID(text))
        #expect(structure.kind == kind)
        #expect(structure.hasRightKey == isRight)
        #expect(structure.text == text)
    }

    @Test(arguments: ["", "1", "1 60021832", "1760021832\n", String(repeating: "1", count: 65)])
    func whatCannotBeAStructureIsNone(text: String) { #expect(StructureID(text) == nil) }

    @Test(
        arguments: [
            ("899900063480", nil, []), ("899900063481", nil, [.personKey]), ("00B6087510", nil, []),
            ("3760021832/000000018", "1760021833", [.structureKey]), ("899900063481", "10B0127189", [.personKey, .structureKey]),
        ] as [(String, String?, [IdentifierWarning])])
    func aWrongKeyOnACardIsAWarning(person: String, structure: String?, warnings: [IdentifierWarning]) throws {
        #expect(try Self.holder(Holder.Card(), person: person, structure: structure).warnings == warnings)
    }

    @Test(
        arguments: [
            ("99900063480", "899900063480"), ("899900063480", "899900063480"), ("00B6087510", "00B6087510"), ("99900063481", nil),
            ("899900063481", nil), ("", nil), ("9990006348O", "9990006348O"),
        ] as [(String, String?)])
    func whatIsTypedNeedsTheRightKey(text: String, id: String?) { #expect(NationalID(typed: text)?.text == id) }
}
