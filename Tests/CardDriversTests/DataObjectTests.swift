import CardDrivers
import Primitives
import SmartCard
import Testing

/// Data objects: what is free is read, what is behind the PIN is left alone, what is damaged is told.
struct DataObjectTests {
    private static let directory = Path.application + [0x70, 0x07]

    private func entry(_ label: String, _ file: UInt8, flags: [UInt8] = [0x03, 0x02, 0x07, 0x00], more: [UInt8] = []) -> [UInt8] {
        let common = TLV(0x30, TLV(0x0C, Array(label.utf8)).bytes + flags + more).bytes
        return TLV(0x30, common + [0x30, 0x00] + TLV(0xA1, [0x30, 0x04, 0x04, 0x02, 0xD2, file]).bytes).bytes
    }

    private func objects(_ card: TestCard, _ contents: [[UInt8]: [UInt8]?] = [:]) throws
        -> [DataObject]
    {
        let channel = card.channel()
        for (path, content) in contents { channel.files.contents[path] = .some(content) }
        let content = try card.read(channel)
        let objects = try CPSCard(channel, atr: card.atr).dataObjects(content)
        #expect(channel.verifies.isEmpty && channel.afterUse == .leave)
        return objects
    }

    @Test(arguments: Persona.allCases)
    func freeObjectsAreReadAsBytes(persona: Persona) throws {
        let objects = try objects(try TestCard(persona))
        let name = try #require(objects.first { $0.label == "CPS_NAME_PS" })
        #expect(name.value == .bytes(Array(Hex.decode("300C0C054C494252450C034D4158") ?? [])))
        #expect(objects.map(\.label).contains("CPS_DATA"))
    }

    @Test(arguments: Persona.allCases)
    func whatNeedsThePINIsListedOnly(persona: Persona) throws {
        let card = try TestCard(persona)
        let file = Path.application + [0xD2, 0x01]
        let byFlag = entry("flag", 0x01, flags: [0x03, 0x02, 0x07, 0x80])
        let byCode = entry("code", 0x01, more: [0x04, 0x01, 0x01])
        let objects = try objects(card, [Self.directory: byFlag + byCode, file: [0x01]])
        #expect(objects.map(\.value) == [.protected, .protected] && objects.map(\.label) == ["flag", "code"])
    }

    @Test(arguments: Persona.allCases)
    func whatNeedsThePINIsReadAfterIt(persona: Persona) throws {
        let card = try TestCard(persona, situations: ["SA07:499900063480001:CABINET", "SA01:199900063480:HOPITAL"])
        let channel = card.channel()
        let content = try card.read(channel)
        let driver = try CPSCard(channel, atr: card.atr)
        // Nobody has verified yet: the card gives nothing.
        #expect(driver.protectedDataObjects(content).map(\.value) == [.protected, .protected])
        _ = try card.authenticate(content, over: channel)
        let objects = driver.protectedDataObjects(content)
        #expect(objects.map(\.label) == ["CPS_ACTIVITY_01_PS", "CPS_ACTIVITY_02_PS"])
        guard case .bytes(let bytes) = objects.first?.value else { return #expect(Bool(false), "\(objects)") }
        #expect(String(decoding: bytes, as: UTF8.self).contains("499900063480001"))
        #expect(channel.afterUse == .reset)
    }

    @Test func aCardThatFallsSilentLosesTheObjectsOnly() throws {
        let card = try TestCard(.cps3, situations: ["SA07:499900063480001:CABINET", "SA01:199900063480:HOPITAL"])
        let channel = card.channel()
        let content = try card.read(channel)
        _ = try card.authenticate(content, over: channel)
        channel.intercept = { (_, command, _) throws(CardError) in
            if command.suffix(3).contains(0x21), command[1] == 0xA4 { throw .cardRemoved }
            return nil
        }
        let objects = try CPSCard(channel, atr: card.atr).protectedDataObjects(content)
        #expect(objects.count == 2)
        guard case .bytes = objects[0].value, case .unreadable = objects[1].value else { return #expect(Bool(false), "\(objects)") }
    }

    @Test(arguments: Persona.allCases)
    func damagedEntriesAreToldAndTheOthersRead(persona: Persona) throws {
        let card = try TestCard(persona)
        let pathless = TLV(0x30, TLV(0x30, TLV(0x0C, Array("none".utf8)).bytes).bytes).bytes
        let broken: [UInt8] = [0x30, 0x03, 0x30, 0x7F, 0x00]
        let all = entry("missing", 0x02) + pathless + broken + entry("long", 0x03) + entry("good", 0x01)
        let long = Path.application + [0xD2, 0x03]
        let objects = try objects(
            card,
            [
                Self.directory: all, Path.application + [0xD2, 0x01]: [0x0C, 0x01, 0x41], Path.application + [0xD2, 0x02]: nil,
                long: [UInt8](repeating: 0x00, count: 9000),
            ])
        #expect(
            objects.map(\.value) == [
                .unreadable("its file is missing"), .unreadable("its entry names no file"), .unreadable("its entry names no file"),
                .unreadable("its file is too long"), .bytes([0x0C, 0x01, 0x41]),
            ])
    }

    @Test func whatIsReadIsBounded() throws {
        let card = try TestCard(.cps3)
        let file = Path.application + [0xD2, 0x01]
        let directory = (0..<70).flatMap { entry("\($0)", 0x01) }
        let objects = try objects(card, [Self.directory: directory, file: [UInt8](repeating: 0x41, count: 6000)])
        let read = objects.reduce(0) { if case .bytes(let bytes) = $1.value { $0 + bytes.count } else { $0 } }
        #expect(objects.count == 64 && read == 30_000)
    }

    @Test func aDirectoryThatIsNoneIsDamage() throws {
        #expect(throws: CardError.cardDamaged("DODF")) { try objects(try TestCard(.cps3), [Self.directory: [0x30, 0x7F, 0x00]]) }
    }
}

/// A CPS3 over the air.
struct ContactlessProofTests {
    private let digest = TestCard.sha256(challenge)

    @Test func theTechnicalKeySignsWithoutAPIN() throws {
        let card = try TestCard.contactless()
        let channel = card.channel()
        let driver = try CPSCard(channel, atr: card.atr)
        let content = try driver.readContactless(try driver.identify())
        let signature = try #require(try driver.signWithTechnicalKey(content, digest: digest))
        #expect(try TestCard.verifies(signature, over: challenge, certificate: content.technicalCertificate))
        #expect(!channel.sent.contains { [0x20, 0x24, 0x2C].contains($0[1]) } && channel.afterUse == .leave)
        #expect(throws: CardError.cardContactless) { try card.read(channel) }
    }

    /// The key's reference is the one its directory tells.
    @Test func theKeyReferenceIsDiscovered() throws {
        let card = try TestCard.contactless()
        let channel = card.channel()
        let keys: [UInt8] = [0x3F, 0x00, 0x00, 0x02, 0x70, 0x02]
        channel.files.contents[keys] = try card.file(keys).replacing([0x02, 0x02, 0x00, 0x83], with: [0x02, 0x02, 0x00, 0x8B])
        channel.translate = { command in
            guard command[1] == 0x22 else { return command }
            return command.dropLast() + [command.last == 0x8B ? 0x83 : 0x00]
        }
        let driver = try CPSCard(channel, atr: card.atr)
        let content = try driver.readContactless(try driver.identify())
        let signature = try #require(try driver.signWithTechnicalKey(content, digest: digest))
        #expect(try TestCard.verifies(signature, over: challenge, certificate: content.technicalCertificate))
    }

    @Test(arguments: ["6982", "6985", "6A88", "9000"])
    func aRefusedSignatureIsNone(answer: String) throws {
        let card = try TestCard.contactless()
        let channel = card.channel()
        let driver = try CPSCard(channel, atr: card.atr)
        let content = try driver.readContactless(try driver.identify())
        channel.intercept = { (_, command, _) throws(CardError) in command[1] == 0x88 ? Hex.decode(answer) : nil }
        #expect(try driver.signWithTechnicalKey(content, digest: digest) == nil)
        channel.intercept = { (_, _, _) throws(CardError) in throw .cardRemoved }
        #expect(throws: CardError.cardRemoved) { try driver.signWithTechnicalKey(content, digest: digest) }
    }

    /// Without a path in EF.DIR the application is reached by its name.
    @Test func theApplicationMayHaveANameOnly() throws {
        let card = try TestCard.contactless()
        let channel = card.channel()
        let records = try TLV.parse(try card.file(Path.directory)).map { record in
            TLV(record.tag, try record.children().filter { $0.tag != 0x51 }.flatMap(\.bytes))
        }
        channel.files.contents[Path.directory] = records.flatMap(\.bytes)
        let driver = try CPSCard(channel, atr: card.atr)
        let content = try driver.readContactless(try driver.identify())
        #expect(try driver.signWithTechnicalKey(content, digest: digest) != nil)
    }

    @Test func aCardByItsContactsHasNoTechnicalKey() throws {
        let card = try TestCard(.cps3)
        let driver = try CPSCard(card.channel(), atr: card.atr)
        let identity = try driver.identify()
        #expect(throws: CardError.cardDiffers) { try driver.readContactless(identity) }
    }
}
