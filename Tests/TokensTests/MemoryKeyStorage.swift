import Primitives
import Synchronization
import Tokens

final class MemoryKeyStorage: TokenKeyStorage {
    private let keys = Mutex<[StoredTokenKey]>([])

    init(_ keys: [StoredTokenKey] = []) { self.keys.withLock { $0 = keys } }

    var all: [StoredTokenKey] { keys.withLock { $0 } }

    func load() throws(TokenKeyError) -> [StoredTokenKey] { all }
    func save(_ key: StoredTokenKey) throws(TokenKeyError) { keys.withLock { $0.append(key) } }
    func remove(_ key: StoredTokenKey) throws(TokenKeyError) { keys.withLock { $0.removeAll { $0 == key } } }
}

enum Sample {
    static let now = Timestamp(seconds: 1_780_315_200)

    static func claims(at time: Timestamp = now, life: Int64 = 120) -> AccessTokenClaims {
        AccessTokenClaims(
            iss: "https://ws-042.example", sub: "899900063480", aud: "https://records.example", clientID: "records", iat: time.seconds,
            nbf: time.seconds, exp: time.seconds + life, jti: "t1", sid: "s1", scope: "record:read", authTime: time.seconds,
            acr: "https://ws-042.example/acr/card", amr: ["sc", "pin", "mfa", "hwk"],
            extensions: .init(
                iheIUA: .init(
                    subjectName: "MAX LIBRE", subjectRole: [.profession("10")], subjectOrganizationID: ["499900063480001"],
                    purposeOfUse: [.treatment])),
            cps: .init(
                mode: "card", profile: "1", cardSerial: "2600855206", workstation: "ws-042", readerKind: "usb",
                revocationAsOf: "2026-06-01T11:00:00.000Z", trace: 1234, breakGlass: nil, test: false))
    }
}
