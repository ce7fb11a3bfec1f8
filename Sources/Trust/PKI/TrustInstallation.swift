internal import Glibc
internal import OpenSSL
internal import Primitives

/// Certificates of authorities on their way into the folder of the agent, all of them checked before any is written: in production only
/// the nine that are published, never production and test together, nothing weak.
package struct TrustInstallation {
    package struct Item: Sendable {
        package let fields: CertificateFields
        package let isAnchor: Bool
        /// Where it lies, or will.
        package let file: String
        /// Whether it was there before.
        package let isKnown: Bool
        fileprivate let pem: [UInt8]
    }

    package let environment: Environment
    package let items: [Item]
    private let folders: [String]

    /// Reads `files` (PEM or DER) and what lies in `folder` already; writes nothing.
    package init(files: [String], into folder: String) throws(TrustStoreError) {
        let isSplit = FileReading.isFolder("\(folder)/anchors")
        let present = FileReading.isFolder(folder) ? try TrustStore.authorities(in: folder) : []
        var new: [TrustStore.Authority] = []
        for file in files { new += try TrustStore.certificates(of: file) }
        for authority in new { try Self.check(authority) }
        environment = try TrustStore(present + new, rules: TrustStore.Rules()).environment
        let known = Dictionary(
            present.map { ($0.fields.fingerprint, $0.file) }, uniquingKeysWith: { first, _ in first })
        var items: [Item] = []
        for authority in new
        where !items.contains(where: { $0.fields.fingerprint == authority.fields.fingerprint }) {
            let isAnchor = authority.certificate.isSelfSigned
            let place = isSplit ? "\(folder)/\(isAnchor ? "anchors" : "intermediates")" : folder
            let pem: [UInt8]
            do throws(OpenSSLError) { pem = try authority.certificate.pem() } catch {
                throw TrustStoreError(.unusable(error.reason))
            }
            let there = known[authority.fields.fingerprint]
            items.append(
                Item(
                    fields: authority.fields, isAnchor: isAnchor,
                    file: there ?? "\(place)/\(Self.name(authority.fields)).pem",
                    isKnown: there != nil, pem: pem))
        }
        self.items = items
        folders = isSplit ? [folder, "\(folder)/anchors", "\(folder)/intermediates"] : [folder]
    }

    /// Writes what was not there, each file as a whole.
    package func write() throws(TrustStoreError) {
        for folder in folders {
            guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
                throw TrustStoreError(.unreadable(String(cString: strerror(errno))), file: folder)
            }
        }
        for item in items where !item.isKnown {
            do throws(FileError) {
                try PlainFile.replace(item.file, item.pem, mode: 0o644)
            } catch {
                throw TrustStoreError(.unreadable(error.reason), file: error.path)
            }
        }
    }

    private static func check(_ authority: TrustStore.Authority) throws(TrustStoreError) {
        guard authority.fields.isAuthority else {
            throw TrustStoreError(.notAnAuthority, file: authority.file)
        }
        guard authority.certificate.isStrong else { throw TrustStoreError(.weak, file: authority.file) }
        guard authority.fields.subject.environment == .production else { return }
        guard
            PublishedAuthorities.names[Hex.encode(authority.fields.fingerprint, uppercase: true)] != nil
        else {
            throw TrustStoreError(.notPublished, file: authority.file)
        }
    }

    /// Its common name in letters that every file system takes, and the beginning of its SHA-256, so that two never have one file.
    private static func name(_ fields: CertificateFields) -> String {
        let plain = (fields.commonName ?? "authority").utf8.prefix(64).map { byte -> Character in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            return isPlain ? Character(UnicodeScalar(byte)) : "-"
        }
        return "\(String(plain).lowercased())-\(Hex.encode(fields.fingerprint.prefix(4)))"
    }
}

extension Certificate {
    /// Key and signature of at least 112 bits of strength, of a kind that is accepted. The signature of a root proves nothing, but a weak
    /// one tells of its age.
    var isStrong: Bool { hasStrongSignature && ((try? publicKey())?.isStrong ?? false) }
}
