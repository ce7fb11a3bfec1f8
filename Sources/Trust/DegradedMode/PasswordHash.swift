internal import Primitives

/// The hash of a password as it is stored: Argon2id in the PHC string format, with what it takes to compute it again and the id of the
/// pepper that went into it (`keyid`), never the pepper itself.
package struct PasswordHash: Hashable, Sendable {
    package let cost: HashCost
    /// Which pepper it needs.
    package let pepperID: [UInt8]
    let salt: [UInt8]
    let tag: [UInt8]

    static let saltLength = 16
    static let tagLength = 32
    private static let longestText = 256

    init(cost: HashCost, pepperID: [UInt8], salt: [UInt8], tag: [UInt8]) {
        self.cost = cost
        self.pepperID = pepperID
        self.salt = salt
        self.tag = tag
    }

    package var text: String {
        let parameters = "m=\(cost.kibibytes),t=\(cost.passes),p=\(cost.lanes),keyid=\(Self.encode(pepperID))"
        return "$argon2id$v=19$\(parameters)$\(Self.encode(salt))$\(Self.encode(tag))"
    }

    /// Reads what ``text`` wrote; `nil` for any other form, and for costs that no hash of ours has.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.longestText else { return nil }
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19" else { return nil }
        let parameters = parts[3].split(separator: ",", omittingEmptySubsequences: false)
        guard parameters.count == 4, let kibibytes = Self.number(parameters[0], "m="), let passes = Self.number(parameters[1], "t="),
            let lanes = Self.number(parameters[2], "p="), let cost = HashCost(kibibytes: kibibytes, passes: passes, lanes: lanes),
            parameters[3].hasPrefix("keyid="), let pepperID = Self.decode(parameters[3].dropFirst(6)), pepperID.count == Pepper.idLength,
            let salt = Self.decode(parts[4]), salt.count == Self.saltLength, let tag = Self.decode(parts[5]), tag.count == Self.tagLength
        else { return nil }
        self.init(cost: cost, pepperID: pepperID, salt: salt, tag: tag)
    }

    /// A decimal number without leading zeros, after its name.
    private static func number(_ text: Substring, _ name: String) -> UInt32? {
        let digits = text.dropFirst(name.utf8.count)
        guard text.hasPrefix(name), let value = UInt32(digits), String(value) == digits else { return nil }
        return value
    }

    // PHC has the alphabet of RFC 4648 §4 without padding.

    private static func encode(_ bytes: [UInt8]) -> String {
        String(Base64URL.encode(bytes).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
    }

    private static func decode(_ text: Substring) -> [UInt8]? {
        guard !text.contains("-"), !text.contains("_") else { return nil }
        return Base64URL.decode(String(text.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }))
    }
}
