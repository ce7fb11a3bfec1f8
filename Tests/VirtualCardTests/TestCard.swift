import OpenSSL
import Primitives
import SmartCard
import VirtualCard

/// A virtual card in memory, powered, spoken to in hexadecimal.
struct TestCard {
    let card: VirtualCard
    let keys: [CardKey]

    init(
        _ generation: CardGeneration, situations: [String] = ["SA07:499900063480001:Cabinet"]
    ) throws {
        keys = generation.keyRoles.map { role in
            CardKey(role: role, certificate: Self.certificate(role), privateKey: Self.privateKeys[role] ?? [])
        }
        card = try VirtualCard(Self.description(generation, situations: situations), keys: keys)
        card.powerOn()
    }

    static func description(_ generation: CardGeneration, situations: [String] = []) -> CardDescription {
        CardDescription(
            generation: generation, serial: "12345678", cardNumber: "2600855206", familyName: "LIBRE", givenName: "MAX",
            nationalID: "899900063480", situations: situations)
    }

    /// Sends a command and gives the answer, upper case, without blanks.
    func send(_ command: String) -> String { Hex.encode(card.transmit(Hex.decode(command) ?? []), uppercase: true) }

    func send(_ header: String, _ data: [UInt8], le: String = "") -> String {
        send("\(header) \(Hex.encode([UInt8(data.count)])) \(Hex.encode(data)) \(le)")
    }

    /// Fetches what waits, as a T=0 host does, and gives the data; `nil` unless it ends with 9000.
    func fetch(_ first: String, cla: String = "00") -> [UInt8]? {
        var answer = Hex.decode(first) ?? []
        var data: [UInt8] = []
        while answer.count >= 2 {
            data += answer.dropLast(2)
            let (high, low) = (answer[answer.count - 2], answer[answer.count - 1])
            if (high, low) == (0x90, 0x00) { return data }
            guard high == 0x61 || high == 0x6C else { return nil }
            let length = low == 0 ? 0xE7 : low
            answer = Hex.decode(send("\(cla) C0 00 00 \(Hex.encode([length]))")) ?? []
        }
        return nil
    }

    func publicKey(_ role: KeyRole) throws -> PublicKey {
        try PrivateKey(pem: Self.privateKeys[role] ?? []).publicKey()
    }

    /// Stands for a certificate: DER of the usual size.
    static func certificate(_ role: KeyRole) -> [UInt8] {
        TLV(0x30, (0..<1700).map { UInt8(truncatingIfNeeded: $0 &+ role.rawValue.count) }).bytes
    }

    /// RSA 2048 keys, made once for the whole run.
    private static let privateKeys: [KeyRole: [UInt8]] = {
        var keys: [KeyRole: [UInt8]] = [:]
        for role in KeyRole.allCases { keys[role] = try? PrivateKey.generateRSA(bits: 2048).pem() }
        return keys
    }()
}

let sha256Prefix = "3031300D060960864801650304020105000420"

func digestSHA256(_ message: [UInt8]) -> [UInt8] { ResumedHash.sha256.digest(message) }
