import Foundation
package import PKI
import Primitives
package import TestPKI
package import VirtualCard

/// Card holders of a test hierarchy, made once for the whole run.
package struct Personas: Sendable {
    package let trust: TrustStore
    /// A doctor with a CPS3; another with a CPS4.
    package let doctor: Persona
    package let surgeon: Persona
    package let nurse: Persona
    /// A doctor's CPS3 over the air; one of a hierarchy that nobody trusts; a copy that shows the certificate without having its key.
    package let contactless: Persona
    package let contactlessForeign: Persona
    package let clone: Persona
    /// A profession that no table knows.
    package let unknown: Persona
    /// Cards that may log nobody in, by what is wrong with their certificates.
    package let refused: [CertificateKind: Persona]

    private static let made = Result { try Personas() }

    package static func shared() throws -> Personas { try made.get() }

    private init() throws {
        let folder = NSTemporaryDirectory() + "personas-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let hierarchy = try TestHierarchy.open(folder, time: ManualClock())
        doctor = try Persona("LIBRE", number: 1, profession: 10, hierarchy)
        surgeon = try Persona("HAMON", number: 2, profession: 10, generation: .cps4, hierarchy)
        contactless = try Persona("LIBRE", number: 5, profession: 10, generation: .cps3Contactless, hierarchy)
        contactlessForeign = try Persona("FAUX", number: 6, profession: 10, generation: .cps3Contactless, kind: .foreign, hierarchy)
        clone = contactless.copied(withKeysOf: contactlessForeign)
        nurse = try Persona("MOREL", number: 3, profession: 60, hierarchy)
        unknown = try Persona("PERRIN", number: 4, profession: 777, hierarchy)
        var refused: [CertificateKind: Persona] = [:]
        for (index, kind) in [CertificateKind.expired, .notYetValid, .wrongUsage, .wrongIssuer, .foreign].enumerated() {
            refused[kind] = try Persona("REFUS", number: 10 + index, profession: 10, kind: kind, hierarchy)
        }
        self.refused = refused
        trust = try TrustStore.load(folder: folder)
    }
}

/// A person with a card.
package struct Persona: Sendable {
    package let nationalID: String
    package let familyName: String
    private let description: CardDescription
    private let keys: [CardKey]

    package init(
        _ familyName: String, number: Int, profession: UInt64, generation: CardGeneration = .cps3,
        kind: CertificateKind = .valid, _ hierarchy: TestHierarchy
    ) throws {
        let digits = String(repeating: "0", count: 8 - String(number).count) + String(number)
        nationalID = "8999\(digits)"
        self.familyName = familyName
        let holder = TestHolder(
            familyName: familyName, givenName: "MAX", nationalID: nationalID, profession: profession, cardNumber: "26\(digits)")
        description = CardDescription(
            generation: generation, serial: digits, cardNumber: holder.cardNumber, familyName: familyName, givenName: "MAX",
            nationalID: nationalID)
        keys = try generation.keyRoles.map { role in
            let issued = try hierarchy.issue(role.certificateRole, for: holder, kind: kind)
            return CardKey(role: role, certificate: issued.certificate, privateKey: issued.privateKey)
        }
    }

    private init(_ original: Persona, keys: [CardKey]? = nil, variation: UInt32? = nil) {
        nationalID = original.nationalID
        familyName = original.familyName
        let known = original.description
        description = CardDescription(
            generation: known.generation, serial: known.serial, cardNumber: known.cardNumber, familyName: known.familyName,
            givenName: known.givenName, nationalID: known.nationalID, variation: variation)
        self.keys = keys ?? original.keys
    }

    /// The same card with another's private keys behind its certificates.
    func copied(withKeysOf other: Persona) -> Persona {
        Persona(
            self,
            keys: zip(keys, other.keys).map { CardKey(role: $0.role, certificate: $0.certificate, privateKey: $1.privateKey) })
    }

    /// The same card with another's signature key and its certificate; without any when `nil`.
    package func signing(with other: Persona?) -> Persona {
        Persona(self, keys: keys.filter { $0.role != .signature } + (other?.keys ?? []).filter { $0.role == .signature })
    }

    /// The same card, different as this seed says.
    package func varied(_ seed: UInt32) -> Persona { Persona(self, variation: seed) }

    /// Whether the card is different from the usual one in all of these, as ``CardVariation`` words them.
    package func differs(_ wanted: String...) -> Bool {
        let differences = CardVariation.differences(of: description)
        return wanted.allSatisfy(differences.contains)
    }

    /// The card as new: PIN 1234, all tries left.
    package func card() throws -> VirtualCard { try VirtualCard(description, keys: keys) }

    /// The certificate of the authentication key, in DER.
    package var certificate: [UInt8] { keys.first { $0.role == .authentication }?.certificate ?? [] }

    /// That of the signature key.
    package var signatureCertificate: [UInt8] { keys.first { $0.role == .signature }?.certificate ?? [] }
}

extension KeyRole {
    fileprivate var certificateRole: CertificateRole {
        switch self {
        case .authentication: .authentication
        case .signature: .signature
        case .technical: .technical
        }
    }
}
