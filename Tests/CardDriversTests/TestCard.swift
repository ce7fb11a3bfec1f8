import OpenSSL
import Primitives
import SmartCard
import VirtualCard

/// The cards that the drivers are tried on.
enum Persona: Hashable, Sendable, CaseIterable {
    case cps3
    case cps4
    /// A CPS4 that speaks T=0, as one of its published answers to reset says.
    case cps4OverT0

    var transmissionProtocol: TransmissionProtocol { self == .cps4 ? .t1 : .t0 }

    var isCPS3: Bool { self == .cps3 }
}

/// A virtual card with keys and certificates that belong together.
struct TestCard {
    let persona: Persona
    let card: VirtualCard
    let transmissionProtocol: TransmissionProtocol

    var atr: [UInt8] { card.atr }

    init(_ persona: Persona, serial: String = "12345678", situations: [String] = [], variation: UInt32? = nil) throws {
        self.persona = persona
        let description = CardDescription(
            generation: persona.isCPS3 ? .cps3 : .cps4, serial: serial, cardNumber: "2600855206", familyName: "LIBRE",
            givenName: "MAX", nationalID: "899900063480", situations: situations, variation: variation)
        card = try VirtualCard(description, keys: try Self.keys.get())
        transmissionProtocol = persona.transmissionProtocol
        card.powerOn()
    }

    /// A CPS3 over the air: the same chip, which shows a technical key and nothing else.
    static func contactless() throws -> TestCard {
        let description = CardDescription(
            generation: .cps3Contactless, serial: "12345678", cardNumber: "2600855206", familyName: "LIBRE", givenName: "MAX",
            nationalID: "899900063480")
        let keys = try Self.keys.get().prefix(1).map {
            CardKey(role: .technical, certificate: $0.certificate, privateKey: $0.privateKey)
        }
        return TestCard(persona: .cps3, card: try VirtualCard(description, keys: keys), transmissionProtocol: .t1)
    }

    private init(persona: Persona, card: VirtualCard, transmissionProtocol: TransmissionProtocol) {
        self.persona = persona
        self.card = card
        self.transmissionProtocol = transmissionProtocol
        card.powerOn()
    }

    var triesLeft: Int { card.description.pin.triesLeft }

    var pukTriesLeft: Int { card.description.puk.triesLeft }

    /// The value of the PIN that the card keeps.
    var pinDigits: String { card.description.pin.digits }

    func setTriesLeft(_ tries: Int) { card.setTriesLeft(tries) }

    /// As another program or our own end of a transaction does.
    func reset() { card.reset() }

    /// The certificate of the key that logs in, DER.
    static func authenticationCertificate() throws -> [UInt8] {
        try keys.get().first { $0.role == .authentication }?.certificate ?? []
    }

    /// The certificate of the key that commits its holder, DER.
    static func signatureCertificate() throws -> [UInt8] { try keys.get().first { $0.role == .signature }?.certificate ?? [] }

    /// Whether `signature` is one over `message` by the key of this certificate.
    static func verifies(_ signature: [UInt8], over message: [UInt8], certificate: [UInt8]) throws -> Bool {
        try Certificate(der: certificate).publicKey().verifiesSHA256(signature: signature, over: message)
    }

    static func sha256(_ message: [UInt8]) -> [UInt8] { ResumedHash.sha256.digest(message) }

    /// Made once for the whole run.
    private static let keys: Result<[CardKey], any Error> = Result {
        try [KeyRole.authentication, .signature].map { role in
            let key = try PrivateKey.generateRSA(bits: 2048)
            let name = DistinguishedName([[.init("2.5.4.3", .utf8String, "899900063480 \(role.rawValue)")]])
            // Weighs as much as a real one.
            let ballast = CertificateExtension("1.2.250.1.71.9.9", [0x04, 0x82, 0x03, 0xB6] + [UInt8](repeating: 0x20, count: 950))
            let builder = CertificateBuilder(
                serial: [1], issuer: name, subject: name, notBefore: 1_700_000_000, notAfter: 1_900_000_000,
                publicKey: try key.publicKey(), extensions: [ballast])
            return CardKey(role: role, certificate: try builder.signed(by: key).derBytes(), privateKey: try key.pem())
        }
    }
}
