import ArgumentParser
import Glibc
import Primitives
import TestPKI
import VirtualCard

struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a persona: a card's folder, with certificates from a test PKI.",
        discussion: """
            With --vary the card differs from the known one, always in the same way for the same seed, in several of these at once:

            \(CardVariation.help.map { "  " + $0 }.joined(separator: "\n"))
            """)

    @Option(help: "cps3, cps4 or cps3-contactless.") var generation: CardGeneration
    @Option(help: "Surname, as it stands in the certificate.") var familyName: String
    @Option(help: "Given name, as it stands in the certificate.") var givenName: String
    @Option(help: "RPPS number, 11 digits.") var rpps: String?
    @Option(help: "National identifier with its type digit, in place of --rpps.") var nationalId: String?
    @Option(help: "Profession, code of table G15: 10 doctor, 21 pharmacist, 60 nurse...; of table G16 for a CPF.") var profession: UInt64?
    @Option(help: "cps, cpf (in training), cpe (staff) or cpa (staff of another body).") var family = TestFamily.cps
    @Option(help: "Struct_IdNat of the body of a CPE or CPA, as 1760021832.") var structure: String?
    @Flag(help: "A CPE or CPA without a name: the surname is then its pseudonym.") var notNominative = false
    @Option(help: "Practice situation, at most 16: fields separated by ':', as SECTOR:STRUCTURE:LABEL.") var situation: [String] = []
    @Option(help: "valid, expired, revoked, not-yet-valid, wrong-usage, wrong-issuer or foreign.") var cert: CertificateKind = .valid
    @Option(help: "The same of the signature certificate alone; else as --cert.") var signCert: CertificateKind?
    @Option(help: "Folder of the test PKI; made when it is empty.") var pki: String
    @Option(help: "Folder of the card.") var out: String
    @Option(help: "Holder's code of this test card, 4 digits.") var pin = "1234"
    @Option(help: "Unblocking code of this test card, 8 digits.") var puk = "12345678"

    @Option(help: "Seed, 0 to 4294967295, of a card that differs wherever real ones are not fully known.") var vary: UInt32?

    func validate() throws {
        guard (rpps == nil) != (nationalId == nil) else { throw ValidationError("give one of --rpps and --national-id") }
        if let rpps, !CardDescription.isDigits(rpps, 11) { throw ValidationError("an RPPS number has 11 digits") }
        guard CardDescription.isDigits(pin, 4) else { throw ValidationError("a PIN has 4 digits") }
        guard CardDescription.isDigits(puk, 8) else { throw ValidationError("a PUK has 8 digits") }
        guard situation.count <= 16 else { throw ValidationError("a card holds at most 16 situations") }
        guard (1...64).contains(familyName.count), (1...64).contains(givenName.count) else {
            throw ValidationError("names have 1 to 64 characters")
        }
        guard (1...64).contains((nationalId ?? "8").count) else { throw ValidationError("a national identifier has 1 to 64 characters") }
        guard (profession == nil) == family.isOfStaff else { throw ValidationError("a CPS and a CPF have a --profession, staff has none") }
        guard (structure != nil) == family.isOfStaff else { throw ValidationError("staff has a --structure, others have none") }
        guard !notNominative || family.isOfStaff else { throw ValidationError("only cards of staff bear no name") }
        guard (2...64).contains((structure ?? "00").utf8.count) else { throw ValidationError("a structure has 2 to 64 characters") }
        guard profession ?? 0 <= 999 else { throw ValidationError("a profession code is a number up to 999") }
    }

    func run() throws {
        let random = SystemRandom()
        let holder = TestHolder(
            familyName: familyName, givenName: givenName, nationalID: nationalId ?? "8\(rpps ?? "")", profession: profession,
            cardNumber: digits(10, random), family: family,
            body: structure.map { TestBody(name: "CENTRE HOSPITALIER NORD", structureID: $0, department: "Seine-Maritime (76)") },
            isNominative: !notNominative)
        let description = CardDescription(
            generation: generation, serial: digits(8, random), cardNumber: holder.cardNumber, familyName: familyName,
            givenName: givenName, nationalID: holder.nationalID, situations: situation, pin: pin, puk: puk, variation: vary)
        let hierarchy = try TestHierarchy.open(pki)
        let keys = try generation.keyRoles.map { role in
            let issued = try hierarchy.issue(role.certificateRole, for: holder, kind: role == .signature ? signCert ?? cert : cert)
            return CardKey(role: role, certificate: issued.certificate, privateKey: issued.privateKey)
        }
        try CardFolder(out).create(description, keys: keys)
        print("made \(generation.rawValue) card \(holder.cardNumber), serial \(description.serial), in \(out)")
        for difference in CardVariation.differences(of: description) { print("  \(difference)") }
    }

    private func digits(_ count: Int, _ random: any RandomSource) -> String {
        random.bytes(count).map { String($0 % 10) }.joined()
    }
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

extension CardGeneration: ExpressibleByArgument {}
extension CertificateKind: ExpressibleByArgument {}
extension TestFamily: ExpressibleByArgument {}
