import Primitives
import SmartCard
import Testing

struct APDUExchangeTests {
    private let select = CommandAPDU(0x00, 0xA4, 0x09, 0x04, [0x3F, 0x00], le: 256)
    private let read = CommandAPDU(0x00, 0xB0, 0x00, 0x00, le: 12)

    private func bytes(_ count: Int, _ value: UInt8 = 0x11) -> String { Hex.encode([UInt8](repeating: value, count: count)) }

    @Test(arguments: [
        (TransmissionProtocol.t0, CommandAPDU(0x00, 0x20, 0x00, 0x01), "0020000100"),
        (.t1, CommandAPDU(0x00, 0x20, 0x00, 0x01), "00200001"),
        (.t0, CommandAPDU(0x00, 0xB0, 0x01, 0x02, le: 231), "00B00102E7"),
        (.t1, CommandAPDU(0x00, 0xB0, 0x01, 0x02, le: 231), "00B00102E7"),
        (.t0, CommandAPDU(0x00, 0xB0, 0x01, 0x02, le: 256), "00B0010200"),
        (.t0, CommandAPDU(0x00, 0xA4, 0x00, 0x0C, [0x3F, 0x00]), "00A4000C023F00"),
        (.t1, CommandAPDU(0x00, 0xA4, 0x00, 0x0C, [0x3F, 0x00]), "00A4000C023F00"),
        (.t0, CommandAPDU(0x00, 0xA4, 0x00, 0x04, [0x3F, 0x00], le: 256), "00A40004023F00"),
        (.t1, CommandAPDU(0x00, 0xA4, 0x00, 0x04, [0x3F, 0x00], le: 256), "00A40004023F0000"),
    ])
    func commandsTravelByTheRulesOfTheProtocol(transmission: TransmissionProtocol, command: CommandAPDU, sent: String) throws {
        let channel = ScriptedChannel(transmission, answers: ["9000"])
        #expect(try APDUExchange(channel).send(command) == ResponseAPDU(status: .ok))
        #expect(channel.sent == [sent])
    }

    @Test func anAnswerInTwoPiecesIsPutTogether() throws {
        let channel = ScriptedChannel(.t0) { command in
            switch command {
            case "00880000021122": "6100"
            case "00C00000E7": self.bytes(231, 0xAA) + "6119"
            case "00C0000019": self.bytes(25, 0xBB) + "9000"
            default: nil
            }
        }
        let command = CommandAPDU(0x00, 0x88, 0x00, 0x00, [0x11, 0x22], le: 256)
        let response = try APDUExchange(channel, longestPiece: 0xE7).send(command)
        #expect(response.status == .ok && response.data.count == 256 && response.data[230] == 0xAA && response.data[231] == 0xBB)
    }

    @Test func getResponseKeepsTheChannelAndDropsTheChainingBit() throws {
        let channel = ScriptedChannel(.t1, answers: ["6102", "AABB9000"])
        let response = try APDUExchange(channel).send(CommandAPDU(0x11, 0x2A, 0x80, 0x86, [0x01]))
        #expect(response.data == [0xAA, 0xBB])
        #expect(channel.sent.last == "01C0000002")
    }

    @Test func dataBeforeAnAnnouncementIsKept() throws {
        let channel = ScriptedChannel(.t1, answers: ["0102 6102", "0304 9000"])
        #expect(try APDUExchange(channel).send(read).data == [1, 2, 3, 4])
    }

    @Test func theStatusOfTheLastPieceCounts() throws {
        let channel = ScriptedChannel(.t0, answers: ["6102", "0102 6282"])
        #expect(try APDUExchange(channel).send(select) == ResponseAPDU(data: [1, 2], status: .endOfFileReached))
    }

    @Test func aWrongLeIsCorrectedOnce() throws {
        let channel = ScriptedChannel(.t0, answers: ["6C08", "0102030405060708 9000"])
        #expect(try APDUExchange(channel).send(read).data.count == 8)
        #expect(channel.sent == ["00B000000C", "00B0000008"])
        let stubborn = ScriptedChannel(.t0, answers: ["6C08", "6C07", "9000"])
        #expect(try APDUExchange(stubborn).send(read).status == StatusWord(rawValue: 0x6C07))
        #expect(stubborn.sent.count == 2)
    }

    @Test func zeroInAStatusMeansTwoHundredAndFiftySix() throws {
        let channel = ScriptedChannel(.t1, answers: ["6C00", bytes(256) + "9000"])
        #expect(try APDUExchange(channel).send(read).data.count == 256)
        #expect(channel.sent.last == "00B0000000")
    }

    @Test func aWrongLengthOfAPieceIsCorrectedOnce() throws {
        let channel = ScriptedChannel(.t0, answers: ["6110", "6C02", "0102 9000"])
        #expect(try APDUExchange(channel).send(select).data == [1, 2])
        #expect(channel.sent.suffix(2) == ["00C0000010", "00C0000002"])
        let stubborn = ScriptedChannel(.t0, answers: ["6110", "6C02", "6C01", "9000"])
        #expect(try APDUExchange(stubborn).send(select).status.high == 0x6C)
        #expect(stubborn.sent.count == 3)
    }

    /// A question about a code carries no length; sent again with one it would be another command.
    @Test(arguments: [TransmissionProtocol.t0, .t1])
    func aCommandThatWantsNothingIsNotSentAgain(transmission: TransmissionProtocol) throws {
        let channel = ScriptedChannel(transmission, answers: ["6C08", "9000"])
        #expect(try APDUExchange(channel).send(CommandAPDU(0x00, 0x20, 0x00, 0x01)).status == StatusWord(rawValue: 0x6C08))
        #expect(channel.sent.count == 1)
    }

    /// Under T=0 its length does not travel, so the very same bytes would be sent twice.
    @Test func aCommandWithDataIsNotSentAgainUnderT0() throws {
        let channel = ScriptedChannel(.t0, answers: ["6C08", "9000"])
        #expect(try APDUExchange(channel).send(select).status == StatusWord(rawValue: 0x6C08))
        #expect(channel.sent.count == 1)
    }

    @Test(arguments: ["6100", "01 6101", "01 61FF"])
    func anEndlessAnswerIsRefused(piece: String) {
        let channel = ScriptedChannel(.t0) { command in command.hasPrefix("00A4") ? "6110" : piece }
        #expect(throws: CardError.self) { try APDUExchange(channel).send(select) }
        #expect(channel.sent.count <= 302)
    }

    @Test func anEndlessAnswerOfFullPiecesIsRefused() {
        let channel = ScriptedChannel(.t1) { command in command.hasPrefix("00A4") ? "6100" : self.bytes(256) + "6100" }
        #expect(throws: CardError.answerEndless) { try APDUExchange(channel).send(select) }
        #expect(channel.sent.count <= 302)
    }

    /// Some drivers report success with nothing when the card leaves under a command.
    @Test func noAnswerAtAllIsAMuteCard() {
        let first = ScriptedChannel(.t1, answers: [""])
        #expect(throws: CardError.cardMute) { try APDUExchange(first).send(select) }
        let secret = ScriptedChannel(.t1, answers: [""])
        #expect(throws: CardError.cardMute) { try APDUExchange(secret).send(Secret(count: 5) { $0[1] = 0x20 }) }
    }

    @Test(arguments: ["90", "00"])
    func anAnswerWithoutStatusIsDamage(answer: String) {
        let first = ScriptedChannel(.t1, answers: [answer])
        #expect(throws: CardError.answerMalformed) { try APDUExchange(first).send(select) }
        let second = ScriptedChannel(.t0, answers: ["6110", answer])
        #expect(throws: CardError.answerMalformed) { try APDUExchange(second).send(select) }
        let secret = ScriptedChannel(.t1, answers: [answer])
        #expect(throws: CardError.answerMalformed) {
            try APDUExchange(secret).send(Secret(count: 5) { $0[1] = 0x20 })
        }
    }

    @Test func anAnswerLongerThanAShortOneIsDamage() {
        let channel = ScriptedChannel(.t1, answers: [bytes(257) + "9000"])
        #expect(throws: CardError.answerMalformed) { try APDUExchange(channel).send(read) }
    }

    @Test func failuresOfTheChannelComeThrough() {
        #expect(throws: CardError.cardMute) { try APDUExchange(ScriptedChannel(.t0, answers: [])).send(read) }
    }

    @Test func aSecretIsSentOnceWhateverComes() throws {
        for (answer, status) in [("9000", 0x9000), ("63C2", 0x63C2), ("6C08", 0x6C08), ("6110", 0x6110)] {
            let channel = ScriptedChannel(.t0, answers: [answer, "9000"])
            let status = StatusWord(rawValue: UInt16(status))
            #expect(try APDUExchange(channel).send(Secret(count: 6) { $0.copyBytes(from: [0, 0x20, 0, 1, 1, 0x31]) }) == status)
            #expect(channel.sent == ["002000010131"])
        }
    }

    @Test(arguments: [(0, []), (1, []), (255, []), (256, [255]), (510, [255]), (511, [255, 255])] as [(Int, [Int])])
    func longDataIsChained(count: Int, earlier: [Int]) throws {
        let channel = ScriptedChannel(.t1) { _ in "9000" }
        let data = [UInt8](repeating: 0x5A, count: count)
        #expect(try APDUExchange(channel).sendChained(0x01, 0x2A, 0x80, 0x86, data, le: 256).status == .ok)
        #expect(
            channel.sent.dropLast()
                == earlier.map { "112A8086" + Hex.encode([UInt8($0)], uppercase: true) + self.bytes($0, 0x5A).uppercased() }[...])
        let rest = count - earlier.reduce(0, +)
        let body = rest == 0 ? "" : Hex.encode([UInt8(rest)], uppercase: true) + bytes(rest, 0x5A).uppercased()
        #expect(channel.sent.last == "012A8086" + body + "00")
    }

    @Test func aChainStopsAtTheFirstRefusal() throws {
        let channel = ScriptedChannel(.t1, answers: ["6982", "9000"])
        let data = [UInt8](repeating: 0, count: 300)
        #expect(try APDUExchange(channel).sendChained(0x01, 0x2A, 0x80, 0x86, data, le: 256).status == .securityStatusNotSatisfied)
        #expect(channel.sent.count == 1)
    }

    @Test(arguments: [(0x63C0, 0), (0x63C3, 3), (0x63CF, 15)] as [(UInt16, Int)])
    func triesLeftAreInTheStatus(raw: UInt16, tries: Int) {
        #expect(StatusWord(rawValue: raw).triesLeft == tries)
    }

    @Test(arguments: [0x9000, 0x6300, 0x63B3, 0x63D3, 0x62C3, 0x6983] as [UInt16])
    func otherStatusesTellNoTries(raw: UInt16) {
        #expect(StatusWord(rawValue: raw).triesLeft == nil)
    }

    @Test func statusesAreWrittenAsFourDigits() {
        #expect(StatusWord(rawValue: 0x0090).description == "0090" && StatusWord(rawValue: 0x6A82).description == "6A82")
    }
}
