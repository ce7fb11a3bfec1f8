import Primitives
import SmartCard
import Testing

@testable import CardDrivers

/// A challenge, and what the card is asked to sign of it.
let challenge = Array("a challenge that nobody has seen before".utf8)

func pin(_ digits: String = "1234") -> Secret {
    let bytes = Array(digits.utf8)
    return Secret(count: bytes.count) { $0.copyBytes(from: bytes) }
}

extension TestCard {
    func channel() -> VirtualCardChannel { VirtualCardChannel(self) }

    /// Reads all that a login needs.
    func read(_ channel: VirtualCardChannel) throws(CardError) -> CardContent {
        let driver = try CPSCard(channel, atr: atr)
        return try driver.readContent(try driver.identify())
    }

    func content() throws -> CardContent { try read(channel()) }

    func authenticate(
        _ content: CardContent, over channel: VirtualCardChannel, pin digits: String = "1234", shown: Int? = 3,
        afterUse: AfterUse = .reset
    ) throws(CardError) -> [UInt8] {
        try CPSCard(channel, atr: atr).authenticate(
            content, pin: pin(digits), triesShown: shown, digest: TestCard.sha256(challenge), afterUse: afterUse)
    }

    /// A whole first login over one channel.
    func logIn(_ channel: VirtualCardChannel) throws(CardError) -> (content: CardContent, signature: [UInt8]) {
        let content = try read(channel)
        let status = try CPSCard(channel, atr: atr).pinStatus(content)
        return (content, try authenticate(content, over: channel, shown: status.triesLeft))
    }

    /// What the card itself holds in a file.
    func file(_ path: [UInt8]) throws -> [UInt8] {
        let channel = channel()
        let dialect: any CardDialect = persona.isCPS3 ? CPS3Dialect(channel) : CPS4Dialect(channel)
        return try #require(try dialect.file(path, "file"))
    }
}

/// Every path that a login reads, by name.
enum Path {
    static let serial: [UInt8] = [0x3F, 0x00, 0xD0, 0x03]
    static let update: [UInt8] = [0x3F, 0x00, 0xD0, 0x10]
    static let directory: [UInt8] = [0x3F, 0x00, 0x2F, 0x00]
    static let application: [UInt8] = [0x3F, 0x00, 0x00, 0x01]
    static let odf = application + [0x50, 0x31]
    static let aodf = application + [0x70, 0x01]
    static let prkdf = application + [0x70, 0x02]
    static let cdf = application + [0x70, 0x05]
    static let signatureCertificate = application + [0xA0, 0x01]
    static let certificate = application + [0xA0, 0x02]
}

extension [UInt8] {
    /// Every occurrence of `old` replaced.
    func replacing(_ old: [UInt8], with new: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = self[...]
        while !rest.isEmpty {
            if rest.starts(with: old) {
                result += new
                rest = rest.dropFirst(old.count)
            } else {
                result.append(rest.removeFirst())
            }
        }
        return result
    }
}
