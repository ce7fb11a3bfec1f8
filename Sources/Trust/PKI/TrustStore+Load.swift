internal import Glibc
internal import OpenSSL

extension TrustStore {
    /// Most files looked at, and most bytes of one file.
    package static let fileCountLimit = 1000
    package static let fileSizeLimit = 262_144

    /// Reads every file of `folder`, PEM (one certificate or more) or DER; hidden files and other subfolders are left alone.
    ///
    /// When the folder has the subfolders `anchors` and `intermediates` they are read too; when it is itself called `anchors`, the
    /// folder `intermediates` beside it. A self-signed certificate in a folder called `intermediates` is an error, never an anchor.
    package static func load(folder: String, rules: Rules = Rules()) throws(TrustStoreError) -> TrustStore {
        try TrustStore(try authorities(in: folder), rules: rules)
    }

    static func authorities(in folder: String) throws(TrustStoreError) -> [Authority] {
        let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        var folders = [folder]
        var optional = ["\(folder)/anchors", "\(folder)/intermediates"]
        if let slash = folder.lastIndex(of: "/"), folder[slash...] == "/anchors" { optional.append("\(folder[..<slash])/intermediates") }
        folders += optional.filter { FileReading.isFolder($0) }
        var authorities: [Authority] = []
        var count = 0
        for folder in folders {
            for name in try FileReading.names(in: folder) {
                count += 1
                guard count <= fileCountLimit else { throw TrustStoreError(.tooManyFiles(limit: fileCountLimit), file: folder) }
                let path = "\(folder)/\(name)"
                guard !FileReading.isFolder(path) else { continue }
                let found = try certificates(of: path)
                if folder.hasSuffix("/intermediates"), found.contains(where: \.certificate.isSelfSigned) {
                    throw TrustStoreError(.anchorAmongIntermediates, file: path)
                }
                authorities += found
            }
        }
        return authorities
    }

    /// The certificates of one file.
    static func certificates(of file: String) throws(TrustStoreError) -> [Authority] {
        try certificates(in: try FileReading.bytes(of: file, limit: fileSizeLimit), file: file)
    }

    private static func certificates(in bytes: [UInt8], file: String) throws(TrustStoreError) -> [Authority] {
        do {
            let found = bytes.first == 0x30 ? [try Certificate(der: bytes)] : try blocks(of: bytes).map { try Certificate(pem: $0) }
            guard !found.isEmpty else { throw TrustStoreError(.notACertificate, file: file) }
            return try found.map { Authority(certificate: $0, fields: try CertificateFields(reading: $0), file: file) }
        } catch {
            throw TrustStoreError(.notACertificate, file: file)
        }
    }

    /// The text cut after each `END CERTIFICATE` line; what follows the last one is no certificate and is left out.
    private static func blocks(of bytes: [UInt8]) -> [[UInt8]] {
        var blocks: [[UInt8]] = []
        var block: [UInt8] = []
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            block += line
            block.append(0x0A)
            if line.starts(with: Array("-----END CERTIFICATE-----".utf8)) {
                blocks.append(block)
                block = []
            }
        }
        return blocks
    }
}
