import Glibc
import Primitives

/// Why a card's folder cannot be used.
package enum CardFolderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file that cannot be read or written, and the system's reason.
    case file(path: String, reason: String)
    /// A file that holds no card data.
    case malformed(path: String)

    package var description: String {
        switch self {
        case .file(let path, let reason): "cannot use \(path): \(reason)"
        case .malformed(let path): "\(path) does not belong to a virtual card"
        }
    }
}

/// A key of a card with its certificate.
package struct CardKey: Hashable, Sendable {
    package let role: KeyRole
    /// DER.
    package let certificate: [UInt8]
    /// Unencrypted PKCS#8 in PEM.
    package let privateKey: [UInt8]

    package init(role: KeyRole, certificate: [UInt8], privateKey: [UInt8]) {
        self.role = role
        self.certificate = certificate
        self.privateKey = privateKey
    }
}

/// A test card at rest: `card.json` with its codes and counters, and for each key `ROLE.der` and `ROLE.key.pem`.
package struct CardFolder: Sendable {
    package let path: String

    private static let largest = 1 << 16
    private static let descriptionFile = "card.json"

    package init(_ path: String) { self.path = path }

    /// Makes the folder (mode 0700) unless it is there, and writes the card into it.
    package func create(_ description: CardDescription, keys: [CardKey]) throws(CardFolderError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw refused(path) }
        for key in keys {
            try write(key.certificate, to: "\(key.role.rawValue).der")
            try write(key.privateKey, to: "\(key.role.rawValue).key.pem")
        }
        try save(description)
    }

    package func description() throws(CardFolderError) -> CardDescription {
        guard let description = CardDescription(try read(Self.descriptionFile)) else {
            throw .malformed(path: "\(path)/\(Self.descriptionFile)")
        }
        return description
    }

    /// The keys that a card of this generation has.
    package func keys(for generation: CardGeneration) throws(CardFolderError) -> [CardKey] {
        var keys: [CardKey] = []
        for role in generation.keyRoles {
            let certificate = try read("\(role.rawValue).der")
            keys.append(CardKey(role: role, certificate: certificate, privateKey: try read("\(role.rawValue).key.pem")))
        }
        return keys
    }

    /// Replaces `card.json` as a whole, so that a card pulled at any moment keeps its counters.
    package func save(_ description: CardDescription) throws(CardFolderError) {
        try write(description.json.canonical, to: Self.descriptionFile)
    }

    private func read(_ name: String) throws(CardFolderError) -> [UInt8] {
        let file = "\(path)/\(name)"
        guard let stream = fopen(file, "re") else { throw refused(file) }
        defer { fclose(stream) }
        var content = [UInt8](repeating: 0, count: Self.largest + 1)
        let count = fread(&content, 1, content.count, stream)
        guard ferror(stream) == 0 else { throw refused(file) }
        guard count <= Self.largest else { throw .malformed(path: file) }
        return Array(content[..<count])
    }

    private func write(_ content: [UInt8], to name: String) throws(CardFolderError) {
        let file = "\(path)/\(name)"
        let draft = "\(path)/.\(name).new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw refused(draft) }
        let written = Glibc.write(descriptor, content, content.count)
        guard close(descriptor) == 0, written == content.count, rename(draft, file) == 0 else { throw refused(file) }
    }

    private func refused(_ path: String) -> CardFolderError { .file(path: path, reason: String(cString: strerror(errno))) }
}
