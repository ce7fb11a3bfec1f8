/// One entry of `clients:`: which programs it names, and what they may use.
///
/// Every fact that is given must fit. A missing list of audiences or scopes stands for all, a missing list of operations for none but
/// looking. The entry `default` has no facts: it is for every program that fits no other.
package struct ClientEntry: Hashable, Sendable {
    package let name: String
    package let uids: [UInt32]
    package let gids: [UInt32]
    /// systemd units, such as `records.service`. With the uid they are the boundary; what follows are hints.
    package let units: [String]
    package let executables: [String]
    /// SHA-256 of the executable, lower-case hexadecimal.
    package let sha256: [String]
    package let audiences: [String]?
    package let scopes: [String]?
    package let operations: [String]

    /// What `operations` may name.
    package static let knownOperations = ["login", "pin", "token", "sign", "emergency", "login_for", "audit"]
    static let fallbackName = "default"
}

extension ClientEntry {
    static func list(_ reader: inout ValueReader) -> [ClientEntry]? {
        guard reader.hasSection("clients") else { return nil }
        return reader.names(under: "clients").map { ClientEntry($0, &reader) }
    }

    private init(_ name: String, _ reader: inout ValueReader) {
        let key = "clients.\(name)"
        self.name = name
        if ValueForm.name(name) == nil { reader.refuse(key, "must be named by \(ValueForm.name)") }
        uids = reader.list("\(key).uid", of: "user ids") { UInt32($0) }
        gids = reader.list("\(key).gid", of: "group ids") { UInt32($0) }
        units = reader.list("\(key).unit", of: "names of systemd units") { $0.contains(".") && !$0.contains("/") ? $0 : nil }
        executables = reader.list("\(key).executable", of: "absolute paths", ValueForm.path(_:))
        sha256 = reader.list("\(key).sha256", of: "SHA-256 digests in lower-case hexadecimal") { text in
            text.utf8.count == 64 && text.allSatisfy { $0.isHexDigit && !$0.isUppercase } ? text : nil
        }
        audiences = reader.isGiven("\(key).audiences") ? reader.list("\(key).audiences") : nil
        scopes = reader.isGiven("\(key).scopes") ? reader.list("\(key).scopes") : nil
        operations = reader.list("\(key).operations", of: "operations (\(Self.knownOperations.joined(separator: ", ")))") {
            Self.knownOperations.contains($0) ? $0 : nil
        }
        let hasFacts = !(uids.isEmpty && gids.isEmpty && units.isEmpty && executables.isEmpty && sha256.isEmpty)
        if name == Self.fallbackName, hasFacts { reader.refuse(key, "is for programs that fit no other entry and names none itself") }
        if name != Self.fallbackName, !hasFacts { reader.refuse(key, "must name programs by uid, gid, unit, executable or sha256") }
    }
}
