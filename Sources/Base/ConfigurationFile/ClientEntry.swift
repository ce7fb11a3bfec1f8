package import Primitives

/// One entry of `clients:`: which programs it names, and what they may use.
///
/// Every fact that is given must fit. A missing list of audiences or scopes stands for all, a missing list of operations for none but
/// looking. The entry `default` has no facts: it is for every program that fits no other.
package struct ClientEntry: Hashable, Sendable {
    package let name: String
    package let uids: [UInt32]?
    package let gids: [UInt32]?
    /// systemd units, such as `records.service`; those of a user's own manager as `user/records.service`. With the uid the system units
    /// are the boundary; what follows are hints.
    package let units: [String]?
    package let executables: [String]?
    /// SHA-256 of the executable, lower-case hexadecimal.
    package let sha256: [String]?
    /// Programs on practitioners' phones and tablets.
    package let isMobile: Bool
    /// A server on another machine that takes tokens: SHA-256 of its certificates in lower-case hexadecimal, and the path of its public
    /// keys as a JWK set.
    package let certificates: [String]?
    package let keys: String?
    package let audiences: [String]?
    package let scopes: [String]?
    package let operations: [ClientOperation]

    package static let fallbackName = "default"

    package var isServer: Bool { certificates != nil || keys != nil }
}

extension ClientEntry {
    /// The most entries that a file may have.
    private static let mostEntries = 256

    static func list(_ reader: inout ValueReader) -> [ClientEntry]? {
        guard let names = reader.names(under: "clients") else { return nil }
        if names.count > mostEntries { reader.refuse("clients", .atMost(mostEntries)) }
        return names.map { ClientEntry($0, &reader) }
    }

    private init(_ name: String, _ reader: inout ValueReader) {
        let key = "clients.\(name)"
        self.name = name
        if ValueForm.name(name) == nil { reader.refuse(key, .mustBeNamedBy(ValueForm.name)) }
        uids = reader.list("\(key).uid", of: Text("des numéros d'utilisateurs", "user ids")) { UInt32($0) }
        gids = reader.list("\(key).gid", of: Text("des numéros de groupes", "group ids")) { UInt32($0) }
        units = reader.list(
            "\(key).unit", of: Text("des noms d'unités systemd, comme records.service", "names of systemd units, such as records.service"),
            ValueForm.unit(_:))
        executables = reader.list("\(key).exe", of: Text("des chemins absolus", "absolute paths"), ValueForm.path(_:))
        sha256 = reader.list(
            "\(key).sha256", of: Text("des empreintes SHA-256 en hexadécimal minuscule", "SHA-256 digests in lower-case hexadecimal"),
            ValueForm.sha256(_:))
        isMobile = reader.bool("\(key).mobile", default: false)
        certificates = reader.list(
            "\(key).certificates",
            of: Text(
                "des empreintes SHA-256 de certificats en hexadécimal minuscule",
                "SHA-256 digests of certificates in lower-case hexadecimal"), ValueForm.sha256(_:))
        keys = reader.optional("\(key).jwks", expected: ValueForm.path, ValueForm.path(_:))
        audiences = reader.list("\(key).audiences", of: Text("des noms de services", "names of services")) {
            (1...512).contains($0.utf8.count) ? $0 : nil
        }
        scopes = reader.list("\(key).scopes", of: Text("des droits", "scopes")) {
            (1...128).contains($0.utf8.count) && !$0.contains(" ") ? $0 : nil
        }
        let known = ClientOperation.allCases.map(\.rawValue).joined(separator: ", ")
        operations =
            reader.list(
                "\(key).operations", of: Text("des opérations (\(known))", "operations (\(known))"), ClientOperation.init(rawValue:)) ?? []
        for (fact, isEmpty) in [
            ("uid", uids?.isEmpty), ("gid", gids?.isEmpty), ("unit", units?.isEmpty), ("exe", executables?.isEmpty),
            ("sha256", sha256?.isEmpty), ("certificates", certificates?.isEmpty),
        ] where isEmpty == true && !reader.hasProblem(under: "\(key).\(fact)") {
            reader.refuse(
                "\(key).\(fact)",
                Text(
                    "ne doit pas être vide : ôter la clé si ce fait ne compte pas",
                    "must not be empty: leave the key out where the fact does not count"))
        }
        let hasFacts = uids != nil || gids != nil || units != nil || executables != nil || sha256 != nil
        checkRemote(key, hasFacts: hasFacts, &reader)
        if name == Self.fallbackName, hasFacts {
            reader.refuse(
                key,
                Text(
                    "est pour les programmes d'aucune autre entrée et n'en nomme aucun",
                    "is for programs that fit no other entry and names none itself"))
        }
        if name != Self.fallbackName, !hasFacts, !isMobile, !isServer {
            reader.refuse(
                key,
                Text(
                    "doit nommer des programmes par uid, gid, unit, exe ou sha256, ou être mobile, ou un serveur avec certificates ou jwks",
                    "must name programs by uid, gid, unit, exe or sha256, or be mobile, or a server with certificates or jwks"))
        }
    }

    /// A program is on this machine, on a device, or a server.
    private func checkRemote(_ key: String, hasFacts: Bool, _ reader: inout ValueReader) {
        guard isMobile || isServer else { return }
        if hasFacts || name == Self.fallbackName || isMobile && isServer {
            reader.refuse(
                key,
                Text(
                    "est soit pour des programmes de ce poste (uid, gid, unit, exe, sha256), soit mobile, soit un serveur",
                    "is either for programs of this machine (uid, gid, unit, exe, sha256), or mobile, or a server"))
        }
        if isServer, audiences?.isEmpty ?? true {
            reader.refuse(
                "\(key).audiences", Text("doit nommer les services qu'est ce serveur", "must name the services that the server is"))
        }
        if !operations.isEmpty, !reader.hasProblem(under: "\(key).operations") {
            reader.refuse("\(key).operations", Text("sont pour les programmes de ce poste", "are for programs of this machine"))
        }
    }
}
