import FoundationEssentials
import OpenSSL
import Primitives

/// What the two revocation lists were last made of, kept beside the keys.
struct RevocationState: Sendable {
    var number: UInt64 = 0
    /// Seconds since 1970.
    var issuedAt: Int64 = 0
    var entries: [RevocationListBuilder.Entry] = []

    static let file = "revocation.json"

    var bytes: [UInt8] {
        JSON.object([
            "number": .string(String(number)), "issued_at": .int(issuedAt),
            "revoked": .array(entries.map { ["serial": .string(Hex.encode($0.serial)), "at": .int($0.revokedAt)] }),
        ]).canonical
    }

    init() {}

    /// `nil` when the bytes are not what ``bytes`` writes.
    init?(_ bytes: [UInt8]) {
        guard let json = try? JSONDecoder().decode(JSON.self, from: Data(bytes)), let number = json["number"]?.string.flatMap(UInt64.init),
            let issuedAt = json["issued_at"]?.int, let revoked = json["revoked"]?.array
        else { return nil }
        self.number = number
        self.issuedAt = issuedAt
        for entry in revoked {
            guard let serial = entry["serial"]?.string.flatMap({ Hex.decode($0) }), let time = entry["at"]?.int else { return nil }
            entries.append(.init(serial: serial, revokedAt: time))
        }
    }
}
