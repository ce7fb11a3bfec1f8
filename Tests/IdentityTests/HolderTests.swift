import Identity
import OpenSSLCommand
import PKI
import Testing

struct HolderTests {
    private static let usual = [
        "1.2.250.1.71.1.2.2 = DER:020100", "1.2.250.1.71.1.2.3 = DER:1315383032353030303030312F32363030383535323036",
        "1.2.250.1.71.1.2.5 = DER:040180", "1.2.250.1.71.1.2.7 = DER:02010A", "1.2.250.1.71.4.2.5 = DER:30060C04534D3236",
    ]

    private func der(_ subject: String, _ extensions: [String] = usual) throws -> [UInt8] {
        let command = try OpenSSLCommand()
        defer { command.remove() }
        return try command.selfSigned(subject: subject, extensions: extensions)
    }

    private func refusal(_ subject: String, _ extensions: [String] = usual) throws -> HolderRefusal? {
        let der = try der(subject, extensions)
        do throws(HolderRefusal) {
            _ = try Holder(unverified: der)
            return nil
        } catch {
            return error
        }
    }

    @Test func doctorIsReadWhole() throws {
        let holder = try Holder(unverified: der("/C=FR/title=Médecin/CN=899900063480+SN=LIBRE+GN=MAX"))
        #expect(holder.nationalID.text == "899900063480")
        #expect(holder.nationalID.kind == .rpps)
        #expect(holder.rpps == "99900063480")
        #expect(holder.familyName == "LIBRE")
        #expect(holder.givenName == "MAX")
        #expect(holder.displayName == "MAX LIBRE")
        #expect(holder.profession?.code == "10")
        #expect(holder.profession?.label == "Médecin")
        #expect(holder.knowHow == ["SM26"])
        #expect(holder.card == .init(type: .cps, number: "2600855206", issuer: "8025000001"))
        #expect(holder.isTest)
    }

    @Test(arguments: [
        "/C=FR/title=Infirmier/SN=GENTIL+GN=ÉLODIE+CN=00B6087510", "/GN=ÉLODIE/SN=GENTIL/C=FR/CN=00B6087510",
        "/C=FR/CN=something else/GN=ÉLODIE+SN=GENTIL/CN=00B6087510",
    ])
    func attributesAreFoundWhereverTheyStand(subject: String) throws {
        let holder = try Holder(unverified: der(subject, ["1.2.250.1.71.1.2.7 = DER:02013C"]))
        #expect(holder.nationalID.text == "00B6087510")
        #expect(holder.nationalID.kind == .adeli)
        #expect(holder.rpps == nil)
        #expect(holder.displayName == "ÉLODIE GENTIL")
        #expect(holder.profession?.label == "Infirmier")
        #expect(holder.knowHow == [])
        #expect(holder.card == .init())
        #expect(!holder.isTest)
    }

    @Test func cardWithoutANameIsRead() throws {
        let subject = "/C=FR/ST=Seine-Maritime (76)/O=CHU/OU=1760021832/title=Carte/pseudonym=EMPLOYE 18/CN=3760021832\\/000000018"
        let holder = try Holder(unverified: der(subject, ["1.2.250.1.71.1.2.2 = DER:020102"]))
        #expect(holder.nationalID.text == "3760021832/000000018")
        #expect(holder.nationalID.kind == .finess)
        #expect(holder.familyName == nil)
        #expect(holder.givenName == nil)
        #expect(holder.displayName == "EMPLOYE 18")
        #expect(holder.organization == "CHU")
        #expect(holder.structureID?.text == "1760021832")
        #expect(holder.profession == nil)
        #expect(holder.card.type == .cpe)
    }

    @Test func studentKeepsTheTrainingCode() throws {
        let extensions = ["1.2.250.1.71.1.2.2 = DER:020101", "1.2.250.1.71.1.2.8 = DER:020132"]
        let holder = try Holder(unverified: der("/C=FR/CN=9123+SN=A+GN=B", extensions))
        #expect(holder.training == "50")
        #expect(Profession.trainingLabel(code: "50") == "Sage-femme en formation")
        #expect(holder.profession == nil)
        #expect(holder.card.type == .cpf)
        #expect(holder.nationalID.kind == .student)
    }

    @Test func unknownCodesAreKeptWithoutARole() throws {
        let holder = try Holder(
            unverified: der("/CN=899900063480", ["1.2.250.1.71.1.2.7 = DER:020203E7", "1.2.250.1.71.1.2.2 = DER:020109"]))
        #expect(holder.profession?.code == "999")
        #expect(holder.profession?.label == nil)
        #expect(holder.profession?.role == nil)
        #expect(holder.profession?.standing == .unknown)
        #expect(holder.card.type == nil)
    }

    @Test(arguments: [
        ("35", Profession.Standing.deprecated, "Aide-soignant"), ("93", .deprecated, "Psychologue"), ("10", .regulated, "Médecin"),
    ])
    func standingFollowsTheTable(code: String, standing: Profession.Standing, label: String) {
        let profession = Profession(code: code)
        #expect(profession.standing == standing)
        #expect(profession.label == label)
        #expect(profession.role == (standing == .regulated ? code : nil))
    }

    @Test(arguments: ["/C=FR/SN=LIBRE", "/C=FR/CN=8", "/C=FR/CN=8999 00063480", "/CN=899é"])
    func nameWithoutANationalIDIsRefused(subject: String) throws {
        #expect(try refusal(subject) == .noNationalID)
    }

    @Test(arguments: [
        ("1.2.250.1.71.1.2.2", "0400", HolderRefusal.Member.cardType), ("1.2.250.1.71.1.2.7", "0209010203040506070809", .profession),
        ("1.2.250.1.71.1.2.7", "02010A00", .profession), ("1.2.250.1.71.1.2.7", "0201FF", .profession),
        ("1.2.250.1.71.1.2.8", "0500", .training), ("1.2.250.1.71.1.2.3", "130131", .cardNumber),
        ("1.2.250.1.71.1.2.3", "13032F3132", .cardNumber), ("1.2.250.1.71.1.2.3", "1305312F322F33", .cardNumber),
        ("1.2.250.1.71.1.2.3", "1303312F20", .cardNumber), ("1.2.250.1.71.4.2.5", "30030C0153FF", .knowHow),
        ("1.2.250.1.71.4.2.5", "30030C010A", .knowHow), ("1.2.250.1.71.4.2.5", "30030C01FF", .knowHow),
    ])
    func brokenExtensionIsNamed(oid: String, value: String, member: HolderRefusal.Member) throws {
        #expect(try refusal("/CN=899900063480", ["\(oid) = DER:\(value)"]) == .malformed(member))
    }

    @Test(arguments: ["LI\u{1B}[31mBRE", "LI\u{202E}BRE", "LI\nBRE"])
    func controlCharactersInANameAreRefused(name: String) throws {
        #expect(try refusal("/CN=899900063480/SN=\(name)") == .malformed(.familyName))
    }

    @Test func bytesThatAreNoCertificateAreRefused() {
        for bytes in [[], [0x30, 0x00], Array(repeating: UInt8(0xFF), count: 100)] {
            #expect(throws: HolderRefusal.malformedCertificate) { try Holder(unverified: bytes) }
        }
    }

    @Test(arguments: [
        ("0B6087510", NationalID.Kind.adeli), ("1ab/1", .adeliPractice), ("2x", .drass), ("3760021832/1", .finess),
        ("4187512751/1", .siren), ("518751275100020/1", .siret), ("699900063480001/1", .rppsPractice), ("7x", .other),
        ("899900063480", .rpps), ("9123", .student), ("ANS20231122132732", .other),
    ])
    func kindFollowsTheFirstCharacter(text: String, kind: NationalID.Kind) throws {
        #expect(try #require(NationalID(text)).kind == kind)
    }

    @Test(arguments: ["", "8", "8 1", "8\u{0}1", String(repeating: "8", count: 129)])
    func textThatIsNoNationalIDIsRefused(text: String) { #expect(NationalID(text) == nil) }

    @Test(arguments: ["8999", "8ABCDEFGHIJK", "8999000634801"])
    func oddRPPSIdentifierHasNoNumber(text: String) throws { #expect(try #require(NationalID(text)).rpps == nil) }
}
