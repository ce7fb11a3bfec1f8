import CardDrivers
import Primitives
import SmartCard
import Testing

/// Files that are not what they should be: an error each, no crash, nothing that could cost a try.
struct DamageTests {
    private static let files: [(name: String, path: [UInt8])] = [
        ("EF.SN", Path.serial), ("EF.DIR", Path.directory), ("ODF", Path.odf), ("AODF", Path.aodf), ("PrKDF", Path.prkdf),
        ("CDF", Path.cdf), ("certificate", Path.certificate),
    ]

    /// Reads a card one of whose files is another; what came of it.
    private func reading(
        _ card: TestCard, _ path: [UInt8], _ content: [UInt8]?, size: Int? = nil
    ) -> Result<CardContent, CardError> {
        let channel = card.channel()
        channel.files.contents[path] = .some(content)
        if let size { channel.files.sizes[path] = size }
        let result: Result<CardContent, CardError>
        do throws(CardError) {
            let content = try card.read(channel)
            _ = try CPSCard(channel, atr: card.atr).pinStatus(content)
            result = .success(content)
        } catch {
            result = .failure(error)
        }
        #expect(channel.verifies.isEmpty)
        #expect(channel.sent.allSatisfy { $0.count <= 261 && ($0.count <= 6 || $0.count - 5 - Int($0[4]) <= 1) })
        #expect(channel.sent.count < 400)
        return result
    }

    private func isRefused(_ result: Result<CardContent, CardError>) -> Bool { if case .failure = result { true } else { false } }

    @Test(arguments: files.map(\.name), Persona.allCases)
    func garbageIsRefused(name: String, persona: Persona) throws {
        let path = try #require(Self.files.first { $0.name == name }?.path)
        let card = try TestCard(persona)
        let count = 200
        for garbage: [UInt8]? in [
            nil, [], [0x00], [UInt8](repeating: 0x00, count: count), [UInt8](repeating: 0xFF, count: count),
            [UInt8](repeating: 0x31, count: count), [UInt8](repeating: 0x31, count: 2000), (0..<count).map { UInt8($0) },
            [0x30, 0x80, 0x00, 0x00], [0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF], [0x1F, 0xFF, 0xFF, 0xFF, 0xFF], Array("garbage".utf8),
        ] {
            #expect(isRefused(reading(card, path, garbage)), "\(String(describing: garbage?.prefix(8)))")
        }
    }

    /// Cut between two entries a directory is a shorter one; cut anywhere else it is damaged.
    @Test(arguments: files.map(\.name), Persona.allCases)
    func everyCutIsRefusedOrHarmless(name: String, persona: Persona) throws {
        let path = try #require(Self.files.first { $0.name == name }?.path)
        let card = try TestCard(persona)
        let whole = path == Path.certificate ? try TestCard.authenticationCertificate() : try card.file(path)
        let intact = try card.content()
        var accepted = 0
        for count in stride(from: 0, to: whole.count, by: whole.count > 300 ? 17 : 1) {
            if case .success(let content) = reading(card, path, Array(whole.prefix(count))) {
                accepted += 1
                #expect(content.pin == intact.pin && content.authenticationCertificate == intact.authenticationCertificate)
            }
        }
        #expect(accepted <= 3)
    }

    @Test(arguments: files.dropLast().map(\.name), [Persona.cps3, .cps4])
    func everyWrongByteIsRefusedOrSurvived(name: String, persona: Persona) throws {
        let path = try #require(Self.files.first { $0.name == name }?.path)
        let card = try TestCard(persona)
        let whole = try card.file(path)
        for index in whole.indices {
            var wrong = whole
            wrong[index] ^= index.isMultiple(of: 2) ? 0x01 : 0xFF
            if case .success(let content) = reading(card, path, wrong) {
                #expect((1...16).contains(content.pin.minimumLength) && content.pin.minimumLength <= content.pin.maximumLength)
            }
        }
    }

    @Test(arguments: [Persona.cps3, .cps4], [0, 1, 100, 0x7FFF, 0xFFFF])
    func wrongSizesAreSurvived(persona: Persona, size: Int) throws {
        let card = try TestCard(persona)
        let certificate = try TestCard.authenticationCertificate()
        for (_, path) in Self.files {
            let whole = path == Path.certificate ? certificate : try card.file(path)
            if case .success(let content) = reading(card, path, whole, size: size) {
                #expect(content.authenticationCertificate == certificate)
            }
        }
    }

    @Test func aCertificateInALargerFileIsCut() throws {
        for persona in Persona.allCases {
            let card = try TestCard(persona)
            let whole = try TestCard.authenticationCertificate()
            for padding in [1, 200, 3000] {
                let file = whole + [UInt8](repeating: 0x00, count: padding)
                #expect(try reading(card, Path.certificate, file).get().authenticationCertificate == whole)
            }
        }
    }

    @Test(arguments: [
        "5A0A8025000002123456789F", "5A0A8125000001123456789F", "5B0A8025000001123456789F", "5A098025000001123456789F",
        "5A0A80250000011234",
    ])
    func anotherIssuersNumberIsForeign(number: String) throws {
        for persona in Persona.allCases {
            #expect(reading(try TestCard(persona), Path.serial, Hex.decode(number)) == .failure(.cardForeign))
        }
    }

    @Test func aNumberThatIsNoNumberIsDamage() throws {
        #expect(reading(try TestCard(.cps3), Path.serial, Hex.decode("5A0A802500000112A456789F")) == .failure(.cardDamaged("EF.SN")))
    }

    @Test func aCardWithoutOurApplicationIsForeign() throws {
        for persona in Persona.allCases {
            let card = try TestCard(persona)
            let other = try card.file(Path.directory).replacing([0x01, 0xFF, 0x00, 0x10], with: [0x01, 0xFF, 0x00, 0x11])
            #expect(reading(card, Path.directory, other) == .failure(.cardForeign))
            #expect(reading(card, Path.directory, nil) == .failure(.cardForeign))
        }
    }

    /// A path too long for a command, or none at all, is no path; what is needed must be found elsewhere.
    @Test(arguments: [0, 1, 3, 17, 18, 250, 300, 2000])
    func absurdPathsAreLeftAside(count: Int) throws {
        let object = TLV(0x04, [UInt8](repeating: 0x50, count: count)).bytes
        let path = TLV(0x30, object).bytes
        for persona in Persona.allCases {
            let card = try TestCard(persona)
            let odf = try card.file(Path.odf)
            #expect(!isRefused(reading(card, Path.odf, TLV(0xA8, path).bytes + TLV(0xA4, path).bytes + odf)))
            let withoutCodes = try TLV.parse(odf).filter { $0.tag != 0xA8 }.flatMap(\.bytes)
            #expect(reading(card, Path.odf, withoutCodes + TLV(0xA8, path).bytes) == .failure(.cardDamaged("AODF")))
            let contact: [UInt8] = [0xE8, 0x28, 0xBD, 0x08, 0x0F, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x10]
            let record = TLV(0x61, TLV(0x4F, contact).bytes + TLV(0x51, [UInt8](repeating: 0x50, count: count)).bytes).bytes
            #expect(reading(card, Path.directory, record) == .failure(.cardDamaged("EF.DIR")))
            let short: [UInt8] = [0x30, 0x04, 0x04, 0x02, 0xA0, 0x02]
            let certificates = try TLV.parse(try card.file(Path.cdf)).map { try Self.repathed($0, short, path) }.flatMap { $0 }
            #expect(reading(card, Path.cdf, certificates) == .failure(.cardDamaged("no authentication key with a certificate")))
        }
    }

    /// A CDF entry whose certificate lies at another path.
    private static func repathed(_ entry: TLV, _ old: [UInt8], _ new: [UInt8]) throws -> [UInt8] {
        let children = try entry.children().map { child in
            child.tag == 0xA1 ? TLV(0xA1, TLV(0x30, child.value.dropFirst(2).elementsEqual(old) ? new : old).bytes).bytes : child.bytes
        }
        return TLV(0x30, children.flatMap { $0 }).bytes
    }

    @Test func manyDirectoriesOfOneKindAreBounded() throws {
        let card = try TestCard(.cps3)
        let entry: [UInt8] = [0xA4, 0x06, 0x30, 0x04, 0x04, 0x02, 0x70, 0x05]
        let odf = try card.file(Path.odf) + (0..<500).flatMap { _ in entry }
        #expect(!isRefused(reading(card, Path.odf, odf)))
    }
}
