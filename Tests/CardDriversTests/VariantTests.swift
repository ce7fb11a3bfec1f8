import Primitives
import SmartCard
import Testing

@testable import CardDrivers

/// Cards that chose other values than the ones known: drivers find them in the directories.
struct VariantTests {
    private func signs(_ card: TestCard, _ channel: VirtualCardChannel) throws -> Bool {
        let login = try card.logIn(channel)
        return try TestCard.verifies(login.signature, over: challenge, certificate: try TestCard.authenticationCertificate())
    }

    @Test(arguments: Persona.allCases)
    func directoriesAndCertificatesMayBeElsewhere(persona: Persona) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        let odf = try card.file(Path.odf).replacing([0x70, 0x01], with: [0x71, 0x11]).replacing([0x70, 0x02], with: [0x71, 0x12])
            .replacing([0x70, 0x05], with: [0x71, 0x15])
        channel.files.contents = [
            Path.odf: odf, Path.application + [0x71, 0x11]: try card.file(Path.aodf),
            Path.application + [0x71, 0x12]: try card.file(Path.prkdf),
            Path.application + [0x71, 0x15]: try card.file(Path.cdf).replacing([0xA0, 0x02], with: [0xB7, 0x07]),
            Path.application + [0xB7, 0x07]: try TestCard.authenticationCertificate(),
            Path.aodf: nil, Path.prkdf: nil, Path.cdf: nil, Path.certificate: nil,
        ]
        #expect(try signs(card, channel))
    }

    @Test(arguments: Persona.allCases)
    func pathsMayBeAbsolute(persona: Persona) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        var odf = try card.file(Path.odf)
        for low: UInt8 in [0x01, 0x02, 0x05, 0x07] {
            odf = odf.replacing(
                [0x06, 0x30, 0x04, 0x04, 0x02, 0x70, low], with: [0x0A, 0x30, 0x08, 0x04, 0x06] + Path.application + [0x70, low])
        }
        channel.files.contents[Path.odf] = odf
        #expect(try signs(card, channel))
    }

    @Test(arguments: Persona.allCases)
    func theApplicationMayBeElsewhere(persona: Persona) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        channel.files.contents[Path.directory] = try card.file(Path.directory).replacing(
            [0x51, 0x04] + Path.application, with: [0x51, 0x04, 0x3F, 0x00, 0x01, 0x33])
        channel.translate = { command in
            guard command.count > 6, command[1] == 0xA4, [0x08, 0x09].contains(command[2]) else { return command }
            return command.replacing([0x01, 0x33], with: [0x00, 0x01])
        }
        #expect(try signs(card, channel))
        #expect(channel.sent.contains { $0[1] == 0xA4 && $0.contains(0x33) })
    }

    /// Without a path in EF.DIR the application is reached by its name.
    @Test(arguments: Persona.allCases)
    func theApplicationMayHaveANameOnly(persona: Persona) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        let records = try TLV.parse(try card.file(Path.directory)).map { record in
            TLV(record.tag, try record.children().filter { $0.tag != 0x51 }.flatMap(\.bytes))
        }
        channel.files.contents[Path.directory] = records.flatMap(\.bytes)
        #expect(try signs(card, channel))
        card.reset()
        #expect(try signs(card, channel))
    }

    @Test(arguments: [0x05, 0x13, 0x7F, 0x81, 0x8F] as [UInt8])
    func thePINMayHaveAnotherReference(reference: UInt8) throws {
        for persona in Persona.allCases {
            let card = try TestCard(persona)
            let channel = card.channel()
            let own: UInt8 = persona.isCPS3 ? 0x01 : 0x11
            channel.files.contents[Path.aodf] = try card.file(Path.aodf).replacing([0x80, 0x01, own], with: [0x80, 0x01, reference])
            channel.translate = { command in
                guard command[1] == 0x20 else { return command }
                // The card knows no other.
                return [command[0], 0x20, 0x00, command[3] == reference ? own : 0x7E] + command.dropFirst(4)
            }
            #expect(try signs(card, channel))
            #expect(channel.verifies.map { $0[3] } == [reference])
        }
    }

    @Test(arguments: [0x85, 0x8A] as [UInt8])
    func theKeyMayHaveAnotherReference(reference: UInt8) throws {
        for persona in Persona.allCases {
            let card = try TestCard(persona)
            let channel = card.channel()
            let (own, other): ([UInt8], [UInt8]) = persona.isCPS3 ? ([0x00, 0x82], [0x00, reference]) : ([0x20], [reference & 0x7F])
            channel.files.contents[Path.prkdf] = try card.file(Path.prkdf)
                .replacing([0x02, UInt8(own.count)] + own, with: [0x02, UInt8(other.count)] + other)
            channel.translate = { command in
                guard command[1] == 0x22 else { return command }
                return command.dropLast() + [command.last == other.last ? own.last ?? 0 : 0x00]
            }
            #expect(try signs(card, channel))
        }
    }

    @Test(arguments: Persona.allCases)
    func theOrderOfEntriesDoesNotMatter(persona: Persona) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        for path in [Path.odf, Path.aodf, Path.prkdf, Path.cdf, Path.directory] {
            channel.files.contents[path] = try TLV.parse(try card.file(path)).reversed().flatMap(\.bytes)
        }
        #expect(try signs(card, channel))
        #expect(channel.verifies.map { $0[3] } == [persona.isCPS3 ? 0x01 : 0x11])
    }

    @Test(arguments: Persona.allCases)
    func entriesOfOtherKindsAreLeftAside(persona: Persona) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        for path in [Path.aodf, Path.prkdf, Path.cdf] {
            channel.files.contents[path] = [0xA1, 0x04, 0x30, 0x02, 0x04, 0x00] + (try card.file(path)) + [0xA0, 0x00]
        }
        channel.files.contents[Path.odf] = [0xA1, 0x06, 0x30, 0x04, 0x04, 0x02, 0x70, 0x03] + (try card.file(Path.odf))
        #expect(try signs(card, channel))
    }

    /// Without needs-padding the digits go alone; with it, to the stored length with the pad byte.
    @Test func thePINTravelsAsTheDirectorySays() throws {
        let aodf = try TestCard(.cps3).file(Path.aodf)
        for (flags, lengths, pad, digits, wanted) in [
            ([0x08, 0x10], [4, 8, 8], [0x04, 0x01, 0xFF], "123456", "313233343536"),
            ([0x0C, 0x10], [4, 8, 8], [0x04, 0x01, 0x00], "123456", "3132333435360000"),
            ([0x0C, 0x10], [4, 12, 12], [], "12345678", "3132333435363738FFFFFFFF"),
            ([0x0C, 0x10], [6, 6, 6], [0x04, 0x01, 0xFF], "654321", "363534333231"),
        ] as [([UInt8], [UInt8], [UInt8], String, String)] {
            let card = try TestCard(.cps3)
            let channel = card.channel()
            var first = try TLV.parse(aodf)[0].bytes
            first = first.replacing([0x03, 0x03, 0x04, 0x0C, 0x10], with: [0x03, 0x03, 0x04] + flags)
                .replacing([0x02, 0x01, 0x04, 0x02, 0x01, 0x08, 0x02, 0x01, 0x04], with: lengths.flatMap { [0x02, 0x01, $0] })
                .replacing([0x04, 0x01, 0xFF], with: [UInt8](repeating: 0x05, count: 1) + [0x01, 0x00])
            first = first.replacing([0x05, 0x01, 0x00], with: pad.isEmpty ? [0x05, 0x01, 0x00] : pad)
            channel.files.contents[Path.aodf] = first
            let content = try card.read(channel)
            channel.intercept = { (_, command, _) throws(CardError) in VirtualCardChannel.isVerify(command) ? [0x63, 0xC2] : nil }
            #expect(throws: CardError.pinWrong(triesLeft: 2)) { try card.authenticate(content, over: channel, pin: digits) }
            #expect(channel.verifies.map { Hex.encode($0.dropFirst(5), uppercase: true) } == [wanted])
        }
    }

    /// Only digits as characters are known how to write; another form of PIN would cost a try.
    @Test(arguments: [0, 3, 4] as [UInt8])
    func aPINOfAnotherFormIsRefused(type: UInt8) throws {
        for persona in Persona.allCases {
            let card = try TestCard(persona)
            let channel = card.channel()
            channel.files.contents[Path.aodf] = try card.file(Path.aodf).replacing([0x0A, 0x01, 0x01], with: [0x0A, 0x01, type])
            #expect(throws: CardError.cardDamaged("AODF")) { try card.read(channel) }
        }
    }

    @Test(arguments: ["80020101", "8000", "8005000000000 1"])
    func aPINReferenceThatFitsNoCommandIsRefused(reference: String) throws {
        let card = try TestCard(.cps3)
        let channel = card.channel()
        let bytes = try #require(Hex.decode(reference))
        let entry = try TLV.parse(try card.file(Path.aodf))[0]
        let children = try entry.children()
        let attributes = try #require(try children.last?.child(0x30)?.children()).flatMap { $0.tag == 0x80 ? bytes : $0.bytes }
        channel.files.contents[Path.aodf] =
            TLV(0x30, children.dropLast().flatMap(\.bytes) + TLV(0xA1, TLV(0x30, attributes).bytes).bytes).bytes
        #expect(throws: CardError.cardDamaged("AODF")) { try card.read(channel) }
    }

    @Test(
        arguments: [
            ([2, 1, 0, 2, 1, 8, 2, 1, 4], false), ([2, 1, 5, 2, 1, 8, 2, 1, 4], false), ([2, 1, 4, 2, 1, 8, 2, 1, 9], false),
            ([2, 1, 4, 2, 1, 65, 2, 1, 65], false), ([2, 1, 17, 2, 1, 64, 2, 1, 64], false), ([2, 1, 4], false), ([], false),
            ([2, 1, 4, 2, 1, 8], true), ([2, 1, 8, 2, 1, 8, 2, 1, 8], true),
        ] as [([UInt8], Bool)])
    func absurdLengthsOfAPINAreRefused(lengths: [UInt8], isTaken: Bool) throws {
        let card = try TestCard(.cps4)
        let channel = card.channel()
        let entry = try TLV.parse(try card.file(Path.aodf))[0]
        let children = try entry.children()
        let fields = try #require(try children.last?.child(0x30)?.children())
        let attributes = fields.flatMap { $0.tag == 0x02 ? [] : $0.tag == 0x0A ? $0.bytes + lengths : $0.bytes }
        channel.files.contents[Path.aodf] =
            TLV(0x30, children.dropLast().flatMap(\.bytes) + TLV(0xA1, TLV(0x30, attributes).bytes).bytes).bytes
        if isTaken {
            #expect(try card.read(channel).pin.minimumLength == Int(lengths[2]))
        } else {
            #expect(throws: CardError.cardDamaged("AODF")) { try card.read(channel) }
        }
    }

    /// The key that commits its holder never logs in, even when it is the only one.
    @Test(arguments: Persona.allCases)
    func theSignatureKeyIsNeverUsed(persona: Persona) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        let entries = try TLV.parse(try card.file(Path.prkdf))
        for entry in entries {
            channel.files.contents[Path.prkdf] = entry.bytes
            let isSignature = entry.bytes.contains(subsequence: Array("CPS_PRIV_SIG".utf8))
            if isSignature {
                #expect(throws: CardError.cardDamaged("no authentication key with a certificate")) { try card.read(channel) }
            } else {
                #expect(try signs(card, channel))
                card.reset()
            }
        }
    }

    @Test(arguments: Persona.allCases)
    func aKeyWithoutCertificateIsDamage(persona: Persona) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        channel.files.contents[Path.cdf] = try TLV.parse(try card.file(Path.cdf))[0].bytes
        #expect(throws: CardError.cardDamaged("no authentication key with a certificate")) { try card.read(channel) }
    }
}

extension [UInt8] {
    fileprivate func contains(subsequence: [UInt8]) -> Bool {
        indices.contains { self[$0...].starts(with: subsequence) }
    }
}
