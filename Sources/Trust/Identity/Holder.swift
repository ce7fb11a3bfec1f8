package import PKI

/// The person or role that a card names.
package struct Holder: Hashable, Sendable {
    package let nationalID: NationalID
    /// `nil` on a card without a name.
    package let familyName: String?
    package let givenName: String?
    /// Instead of a name, on a card of staff that bears none.
    package let pseudonym: String?
    /// Name and identifier of the body, on cards of staff.
    package let organization: String?
    /// As the card says it; `nil` also where what stands there is no identifier.
    package let structureID: StructureID?
    /// `nil` when the card names none: staff, professionals in training.
    package let profession: Profession?
    /// Code of table G16 on cards of professionals in training.
    package let training: String?
    /// Codes of table R01, such as `SM26`.
    package let knowHow: [String]
    package let card: Card
    /// Whether the certificate bears any marker of the test hierarchy.
    package let isTest: Bool

    /// What the certificate says of the card it is on; a software certificate says nothing.
    package struct Card: Hashable, Sendable {
        /// `nil` also for a code that table G02 does not have.
        package let type: CardType?
        /// Whether it bears a code that table G02 does not have.
        package let isOfUnknownFamily: Bool
        /// Changes with each renewal: for lists of lost cards and traces, never the key of a person.
        package let number: String?
        /// Identifier of the card's issuer, before the number in the extension.
        package let issuer: String?

        package init(type: CardType? = nil, isOfUnknownFamily: Bool = false, number: String? = nil, issuer: String? = nil) {
            self.type = type
            self.isOfUnknownFamily = isOfUnknownFamily
            self.number = number
            self.issuer = issuer
        }
    }

    /// A holder known from elsewhere than a certificate, such as a stored session.
    package init(
        nationalID: NationalID, familyName: String?, givenName: String?, pseudonym: String? = nil, organization: String? = nil,
        structureID: StructureID? = nil, profession: Profession?, training: String? = nil, knowHow: [String] = [], card: Card = Card(),
        isTest: Bool
    ) {
        self.nationalID = nationalID
        self.familyName = familyName
        self.givenName = givenName
        self.pseudonym = pseudonym
        self.organization = organization
        self.structureID = structureID
        self.profession = profession
        self.training = training
        self.knowHow = knowHow
        self.card = card
        self.isTest = isTest
    }

    /// The RPPS number; `nil` when the national identifier is of another kind.
    package var rpps: String? { nationalID.rpps }

    /// Code of table G15 that stands for a role; `nil` for staff, for who is in training, for codes that carry none, and on a card of a
    /// family that no table knows: a known person without a role.
    package var role: String? {
        switch card.type {
        case .cps: profession?.role
        case .cpf, .cpe, .cpa: nil
        case nil: card.isOfUnknownFamily ? nil : profession?.role
        }
    }

    /// Check digits of the card's identifiers that are wrong. A card is believed all the same: it is signed, and test cards break rules.
    package var warnings: [IdentifierWarning] {
        let person = rpps.map { CheckDigits.isRPPS($0) } ?? true
        return (person ? [] : [.personKey]) + (structureID?.hasRightKey ?? true ? [] : [.structureKey])
    }

    /// For people: given name and family name, else the pseudonym, else the national identifier.
    package var displayName: String {
        let name = [givenName, familyName].compactMap { $0 }.joined(separator: " ")
        return name.isEmpty ? pseudonym ?? nationalID.text : name
    }

    /// The holder of a certificate that is trusted.
    package init(_ certificate: VerifiedCertificate) throws(HolderRefusal) { try self.init(reading: certificate.fields) }

    /// What an unverified certificate in DER claims: for show only.
    package init(unverified der: [UInt8]) throws(HolderRefusal) {
        let fields: CertificateFields
        do {
            fields = try CertificateFields(der: der)
        } catch {
            throw .malformedCertificate
        }
        try self.init(reading: fields)
    }

    /// What a certificate claims, trusted or not.
    package init(reading fields: CertificateFields) throws(HolderRefusal) {
        typealias Name = DistinguishedName.AttributeType
        let subject = fields.subject
        // Where there are several common names, as on old cards of staff, the last and most particular one is the identifier.
        guard let text = subject.values(Name.commonName).last, let nationalID = NationalID(text) else { throw .noNationalID }
        self.nationalID = nationalID
        familyName = try Self.text(subject.values(Name.surname).first, .familyName)
        givenName = try Self.text(subject.values(Name.givenName).first, .givenName)
        pseudonym = try Self.text(subject.values(Name.pseudonym).first, .pseudonym)
        organization = try Self.text(subject.values(Name.organization).first, .organization)
        structureID = try Self.text(subject.values(Name.organizationalUnit).last, .structure).flatMap { StructureID($0) }
        let extensions = CardExtensions(fields: fields)
        profession = try extensions.profession().map { Profession(code: $0) }
        training = try extensions.training()
        knowHow = try extensions.knowHow()
        let identifier = try extensions.cardIdentifier()
        let family = try extensions.cardType()
        card = Card(
            type: family.flatMap { CardType(code: $0) }, isOfUnknownFamily: family.map { CardType(code: $0) == nil } ?? false,
            number: identifier?.number, issuer: identifier?.issuer)
        isTest = fields.isMarkedTest
    }

    /// Names go to screens, logs and tokens: no control or formatting characters, at most 256 bytes.
    private static func text(_ value: String?, _ member: HolderRefusal.Member) throws(HolderRefusal) -> String? {
        guard let value else { return nil }
        let isClean = value.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
            default: true
            }
        }
        guard (1...256).contains(value.utf8.count), isClean else { throw .malformed(member) }
        return value
    }
}
